"""The researcher's pages of a listening test: to the team what it may see, to strangers nothing."""

import pytest
from django.urls import reverse

from accounts.models import Team
from listening.actions.decide import decide
from listening.models import Decision, Provider, Question, Session
from listening.quality.rules import Finding
from tests import factories
from tests.listening.raters import consented, take_and_vote

PAGES = ["recruitment", "raters", "missing", "payment"]


@pytest.fixture
def session(study) -> Session:
    made = consented(study, name="5f1c-secret")
    while take_and_vote(made):
        pass
    made.refresh_from_db()
    return made


def signed_in(client, team: Team, role: str = "editor"):
    user = factories.user(is_staff=True)
    team.memberships.create(user=user, role=role)
    client.force_login(user)
    return client


def page(name: str, study, *rest) -> str:
    return reverse(f"admin:listening_{name}", args=[study.listening_test.pk, *rest])


def settings_page(study) -> str:
    return reverse("admin:listening_listeningtest_change", args=[study.listening_test.pk])


def filled(client, study, **changes) -> dict:
    """The form as it stands, with changes."""
    response = client.get(settings_page(study))
    data = {}
    for form in (response.context["adminform"].form, *response.context["inline_admin_formsets"][0].formset):
        for name in form.fields:
            value = form[name].value()
            if value is not None and value is not False:
                data[form.add_prefix(name)] = value
    management = response.context["inline_admin_formsets"][0].formset.management_form
    data |= {management.add_prefix(name): management[name].value() for name in management.fields}
    return {**data, "qualification": "[]", "languages": "", "not_after": [], "only_after": [], **changes}


def saved(client, study, **changes):
    return client.post(settings_page(study), filled(client, study, **changes))


@pytest.mark.parametrize("name", PAGES)
def test_the_team_sees_every_page_and_strangers_none(client, study, session, name):
    signed_in(client, factories.team())
    assert client.get(page(name, study)).status_code == 404
    signed_in(client, study.team)
    assert client.get(page(name, study)).status_code == 200


def test_only_the_payment_list_names_raters_and_viewers_do_not_see_it(client, study, session):
    signed_in(client, study.team)
    everywhere = [page(name, study) for name in PAGES if name != "payment"]
    everywhere += [page("rater", study, session.pk), page("raters", study), settings_page(study)]
    everywhere += [reverse(f"admin:listening_{name}_changelist") for name in ("session", "vote")]
    everywhere += [reverse("admin:listening_session_change", args=[session.pk])]
    for address in everywhere:
        response = client.get(address)
        assert response.status_code == 200 and "5f1c-secret" not in response.text, address
    assert "5f1c-secret" in client.get(page("payment", study)).text
    assert "5f1c-secret" in client.get(page("payment", study) + "?csv").text

    signed_in(client, study.team, "viewer")
    assert client.get(page("payment", study)).status_code == 403


def test_recruitment_has_a_link_and_codes_for_each_provider(client, study):
    text = signed_in(client, study.team).get(page("recruitment", study)).text

    assert f"http://testserver/listen/{study.slug}/?PROLIFIC_PID={{{{%PROLIFIC_PID%}}}}" in text.replace("&amp;", "&")
    assert "ExternalQuestion" in text and "Open to volunteers" in text


def test_the_rules_are_applied_by_a_button(client, study, session):
    signed_in(client, study.team)

    response = client.post(page("rules", study), follow=True)

    assert "1 new decisions" in response.text
    session.refresh_from_db()
    assert session.payable is True


def test_a_session_is_excluded_and_taken_back_with_reasons_in_the_log(client, study, session):
    signed_in(client, study.team)
    for decision, reason in (("use-no", "Wrote that the sound was off."), ("use-yes", "Meant another test.")):
        client.post(page("decide", study, session.pk), {"decision": decision, "reason": reason})

    text = client.get(page("rater", study, session.pk)).text
    assert "Wrote that the sound was off." in text and "Meant another test." in text
    session.refresh_from_db()
    assert session.used
    assert set(Decision.objects.values_list("by__username", flat=True)) != {None}


@pytest.mark.parametrize("given", [{"decision": "use-no"}, {"decision": "use-perhaps", "reason": "x"}, {"reason": "x"}])
def test_a_decision_needs_a_reason(client, study, session, given):
    response = signed_in(client, study.team).post(page("decide", study, session.pk), given, follow=True)

    assert "Nothing was decided" in response.text
    assert not Decision.objects.exists()


def test_viewers_decide_nothing(client, study, session):
    signed_in(client, study.team, "viewer")
    for address in (page("decide", study, session.pk), page("rules", study), page("paid", study)):
        assert client.post(address, {"decision": "use-no", "reason": "x"}).status_code == 403
    assert not Decision.objects.exists()


def test_the_chosen_are_marked_as_paid_once(client, study, session):
    signed_in(client, study.team)
    decide(session=session, about="pay", value=True, reasons=[Finding("hand", "Did the work.")])

    client.post(page("paid", study), {"session": [session.pk, "x", "9" * 40]})

    session.refresh_from_db()
    first = session.paid_at
    client.post(page("paid", study), {"session": [session.pk]})
    session.refresh_from_db()
    assert first and session.paid_at == first


def test_what_is_missing_is_listed_and_downloaded(client, study, session):
    signed_in(client, study.team)

    text = client.get(page("missing", study)).text
    table = client.get(page("missing", study) + "?csv").text

    assert "5 votes" in text and "2 more raters" in text
    assert table.splitlines()[0] == "question,prompt,votes_needed,votes"


def test_the_pages_take_as_many_queries_for_many_raters_as_for_one(
    client, study, session, django_assert_max_num_queries
):
    signed_in(client, study.team)
    for _ in range(4):
        take_and_vote(consented(study))
    with django_assert_max_num_queries(20):
        client.get(page("raters", study))
    with django_assert_max_num_queries(22):
        client.get(page("rater", study, session.pk))


def test_a_question_is_added_and_its_trials_open(client, study):
    signed_in(client, study.team)
    prefix = "listening_questions"
    added = {f"{prefix}-TOTAL_FORMS": "2", f"{prefix}-1-kind": "quality", f"{prefix}-1-votes_per_trial": "5"}

    response = saved(client, study, **added)

    assert response.status_code == 302, response.context["errors"]
    question = Question.objects.get(kind="quality")
    assert (question.study, question.position) == (study, 1)
    assert set(question.trials.values_list("kind", "votes_needed")) == {("study", 5)}


def test_practice_that_is_switched_on_gets_its_trials(client, study):
    response = saved(signed_in(client, study.team), study, practice_trials="5")

    assert response.status_code == 302
    assert study.trials.filter(kind="practice").count() == 5


def test_other_words_of_consent_are_another_version(client, study):
    signed_in(client, study.team)
    for words in ("You agree.", "You agree.", "You agree indeed."):
        saved(client, study, consent_text=words)

    study.listening_test.refresh_from_db()
    assert study.listening_test.consent_version == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"qualification": '[{"question": "Well?"}]'}, "needs “question”, “options” and “accepted”"),
        ({"qualification": "{nonsense"}, "valid JSON"),
        ({"listening_questions-0-kind": "best_worst"}, "needs four arms"),
        ({"listening_questions-0-kind": "quality", "listening_questions-0-both_bad": "on"}, "Only a preference"),
        ({"listening_questions-0-DELETE": "on"}, "at least one question"),
        ({"most_seconds": "5"}, "greater than or equal to 60"),
    ],
)
def test_what_cannot_be_is_refused_by_the_field_it_concerns(client, study, changes, said):
    response = saved(signed_in(client, study.team), study, **changes)

    assert response.status_code == 200
    assert said in response.text


def test_a_question_that_raters_have_begun_keeps_its_kind(client, study, session):
    response = saved(signed_in(client, study.team), study, **{"listening_questions-0-kind": "cmos"})

    assert "Raters have begun to answer it" in response.text
    assert study.listening_questions.get().kind == "preference"


def test_a_panel_of_another_team_cannot_be_chosen(client, study):
    theirs = factories.team().panels.create(name="Theirs")
    mine = study.team.panels.create(name="Mine")
    signed_in(client, study.team)

    text = client.get(settings_page(study)).text
    response = saved(client, study, panels=[theirs.pk])

    assert "Mine" in text and "Theirs" not in text
    assert "not one of the available choices" in response.text
    assert saved(client, study, panels=[mine.pk]).status_code == 302


def test_viewers_change_nothing(client, study):
    signed_in(client, study.team, "viewer")
    text = client.get(settings_page(study)).text
    assert 'name="_save"' not in text
    assert client.post(settings_page(study), {}).status_code == 403


def test_only_administrators_change_providers(client, study):
    signed_in(client, study.team)
    provider = Provider.objects.get(key="prolific")
    address = reverse("admin:listening_provider_change", args=[provider.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {}).status_code == 403
