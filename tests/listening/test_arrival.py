"""The door: who comes, who agrees, who comes back."""

import hashlib
from decimal import Decimal

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import ConsentText, Rater
from listening.models import Provider, Session
from listening.views.page import remember
from studies.models import Study
from tests import factories
from tests.accounts.panels import member, panel
from tests.listening.raters import arrived, form, heard_pair, open_pair, page

PROLIFIC = {"PROLIFIC_PID": "5f1c", "STUDY_ID": "s1", "SESSION_ID": "v1"}
MTURK = {"workerId": "A1B2", "assignmentId": "as1", "hitId": "h1"}


def test_the_words_that_were_shown_are_stored_exactly(study):
    shown = Client().get(page("arrive", study)).context["words"]

    arrived(study)

    stored = Session.objects.get().consent
    assert stored.text == shown
    assert stored.checksum == hashlib.sha256(shown.encode()).hexdigest()


def test_words_that_changed_since_they_were_shown_are_asked_again(study):
    response = Client().post(page("arrive", study), {"answer": "agree", "checksum": "0" * 64})

    assert "I agree" in response.text
    assert not Rater.objects.exists()


@pytest.mark.parametrize("answer", [{}, {"answer": ""}, {"answer": "maybe"}, {"answer": "agree"}])
def test_no_clear_answer_is_no_consent(study, answer):
    response = Client().post(page("arrive", study), answer)

    assert "I agree" in response.text
    assert not Session.objects.exists()


@pytest.mark.parametrize("parameters", [{}, PROLIFIC, MTURK])
def test_declining_stores_nothing_about_the_person(study, parameters):
    client = Client()

    response = client.post(page("arrive", study), {"answer": "decline"}, query_params=parameters, follow=True)

    assert "nothing about you was stored" in response.text
    assert "5f1c" not in response.redirect_chain[0][0]
    assert not Rater.objects.exists() and not ConsentText.objects.exists()
    assert "rater" not in client.cookies and "sessionid" not in client.cookies


def test_looking_at_the_door_stores_nothing(study):
    client = Client()

    client.get(page("arrive", study), query_params=PROLIFIC)

    assert not Rater.objects.exists()
    assert "rater" not in client.cookies and "sessionid" not in client.cookies


@pytest.mark.parametrize(
    ("parameters", "provider", "person", "visit"),
    [
        (PROLIFIC, "prolific", "5f1c", {"STUDY_ID": "s1", "SESSION_ID": "v1"}),
        (MTURK, "mturk", "A1B2", {"assignmentId": "as1", "hitId": "h1"}),
        ({"PROLIFIC_PID": "5f1c"}, "prolific", "5f1c", {}),
        ({**PROLIFIC, "STUDY_ID": "<b>", "spy": "x"}, "prolific", "5f1c", {"SESSION_ID": "v1"}),
    ],
)
def test_the_provider_says_who_comes(study, parameters, provider, person, visit):
    arrived(study, **parameters)

    session = Session.objects.get()
    assert (session.rater.provider, session.rater.external_id, session.arrival) == (provider, person, visit)


def test_nobody_in_particular_is_a_volunteer_with_a_random_name(study):
    arrived(study), arrived(study)

    names = Rater.objects.filter(provider="volunteer").values_list("external_id", flat=True)
    assert len(set(names)) == 2


@pytest.mark.parametrize(
    "parameters",
    [
        {"PROLIFIC_PID": ""},
        {"PROLIFIC_PID": "x" * 101},
        {"PROLIFIC_PID": "{{%PROLIFIC_PID%}}"},
        {"PROLIFIC_PID": "名前"},
        {"workerId": "a b"},
        {"assignmentId": "as1"},
    ],
)
def test_a_link_that_names_nobody_properly_is_refused(study, parameters):
    client = Client()
    for response in (
        client.get(page("arrive", study), query_params=parameters),
        client.post(page("arrive", study), {"answer": "agree"}, query_params=parameters),
    ):
        assert response.status_code == 400
        assert "not complete" in response.text
    assert not Rater.objects.exists()


def test_a_preview_asks_for_nothing(study):
    parameters = {"assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE", "hitId": "h1"}

    response = Client().get(page("arrive", study), query_params=parameters)

    assert "Accept the task to begin" in response.text
    assert not Rater.objects.exists()


def test_a_volunteer_who_comes_back_continues_where_they_were(study):
    rater = arrived(study)
    shown = heard_pair(rater, study)
    rater.post(page("vote", study), form(shown))
    open_now = open_pair(rater, study)

    response = rater.get(page("arrive", study), follow=True)

    assert response.context["pair"] == open_now.token
    assert "2 of 3" in response.text


def test_a_crowd_rater_continues_in_another_browser(study):
    open_now = open_pair(arrived(study, **PROLIFIC), study)

    response = Client().get(page("arrive", study), query_params=PROLIFIC, follow=True)

    assert response.context["pair"] == open_now.token


def test_consenting_twice_is_one_session(study):
    arrived(study, **PROLIFIC)
    checksum = Session.objects.get().consent_id

    response = Client().post(page("arrive", study), {"answer": "agree", "checksum": checksum}, query_params=PROLIFIC)

    assert response.url == page("trial", study)
    assert Session.objects.count() == 1


def test_a_volunteer_is_the_same_rater_in_another_study(study):
    rater = arrived(study)
    other = factories.complete(factories.study())
    study.trials.update(study=other)

    checksum = rater.get(page("arrive", other)).context["checksum"]
    rater.post(page("arrive", other), {"answer": "agree", "checksum": checksum})

    assert Rater.objects.count() == 1
    assert Session.objects.count() == 2


def test_a_forged_cookie_is_nobody(study):
    arrived(study)
    client = Client()
    client.cookies["rater"] = f"{Rater.objects.get().pk}:forged"

    assert "I agree" in client.get(page("arrive", study)).text


def test_a_trial_page_without_consent_leads_to_the_door(study):
    assert Client().get(page("trial", study)).url == page("arrive", study)


@pytest.mark.parametrize("status", ["draft", "running", "paused"])
def test_a_study_that_is_not_complete_is_not_open(db, status):
    study = factories.study()
    launched = None if status == "draft" else study.created_at
    Study.objects.filter(pk=study.pk).update(status=status, launched_at=launched)

    response = Client().get(page("arrive", study))

    assert response.status_code == 404
    assert "not open yet" in response.text


def test_a_complete_study_without_trials_is_not_open(db):
    study = factories.complete(factories.study())

    assert "not open yet" in Client().get(page("arrive", study)).text


def test_a_cancelled_study_is_closed(study):
    Study.objects.filter(pk=study.pk).update(status="cancelled")

    assert Client().get(page("arrive", study)).status_code == 410


def test_an_unknown_study_is_not_found(db):
    response = Client().get("/listen/no-such-study/")

    assert response.status_code == 404
    assert "no listening test at this address" in response.text


def test_consent_is_asked_in_the_readers_language_and_the_page_says_which(study):
    assert '<html lang="en"' in Client().get(page("arrive", study)).text


def test_the_products_own_words_say_how_long_it_takes_and_what_it_pays(study):
    factories.bare(study, reward=Decimal("2.5"), currency="USD")

    words = Client().get(page("arrive", study)).context["words"]

    assert "It takes about 1 minute. You get 2.50 USD for a completed session." in words


def test_a_studys_own_words_are_stored_as_they_are_and_what_it_pays_stands_beside_them(study):
    own = "We ask you to listen.\n\nYou may stop at any time."
    factories.bare(study, consent_text=own, consent_version=4, reward=Decimal("2.5"))

    text = Client().get(page("arrive", study)).text
    arrived(study)

    assert "<p>We ask you to listen.</p>" in text and "You get 2.50 USD for a completed session." in text
    session = Session.objects.get()
    assert (session.consent.text, session.consent_version) == (own, "study 4")


def test_the_door_names_neither_the_study_nor_its_arms(study):
    text = Client().get(page("arrive", study)).text

    assert study.name not in text
    assert not any(arm.name in text for arm in study.arms.all())


def test_a_closed_test_lets_nobody_new_begin_and_whoever_has_begun_go_on(study):
    began = arrived(study, **PROLIFIC)
    checksum = Session.objects.get().consent_id
    factories.bare(study, closed=True)
    agreed = {"answer": "agree", "checksum": checksum}

    for response in (Client().get(page("arrive", study)), Client().post(page("arrive", study), agreed)):
        assert response.status_code == 410
    assert Session.objects.count() == 1
    assert open_pair(began, study)
    assert Client().get(page("arrive", study), query_params=PROLIFIC).url == page("trial", study)


def choose(study, *keys: str) -> None:
    study.listening_test.providers.set(Provider.objects.filter(key__in=keys))


@pytest.mark.parametrize(("parameters", "may"), [(PROLIFIC, True), (MTURK, False), ({}, False)])
def test_where_providers_are_chosen_others_are_turned_away(study, parameters, may):
    choose(study, "prolific")

    response = Client().get(page("arrive", study), query_params=parameters)

    assert response.status_code == (200 if may else 403)
    assert ("open to others" in response.text) is not may


def test_an_answer_does_not_get_past_the_door_either(study):
    checksum = Client().get(page("arrive", study)).context["checksum"]
    choose(study, "prolific")

    response = Client().post(page("arrive", study), {"answer": "agree", "checksum": checksum})

    assert response.status_code == 403
    assert not Rater.objects.exists()


def test_a_volunteer_whose_browser_knows_them_from_a_platform_is_a_volunteer_where_only_those_are_taken(study):
    other = factories.complete(factories.study())
    client = arrived(study, **PROLIFIC)
    study.trials.filter(pk=study.trials.first().pk).update(study=other)
    choose(other, "volunteer")

    checksum = client.get(page("arrive", other)).context["checksum"]
    client.post(page("arrive", other), {"answer": "agree", "checksum": checksum})

    assert Session.objects.get(study=other).rater.provider == "volunteer"


def test_a_stranger_at_a_panels_door_is_asked_to_sign_in(study):
    study.listening_test.panels.add(panel())

    assert Client().get(page("arrive", study)).url == reverse("panel:sign_in")
    assert Client().get(page("arrive", study), query_params=PROLIFIC).status_code == 403


def test_a_member_of_the_panel_comes_in_also_where_providers_are_chosen(study):
    chosen = panel()
    study.listening_test.panels.add(chosen)
    choose(study, "prolific")
    client = Client()
    remembered = remember(HttpResponse(), RequestFactory().get("/"), member(chosen).rater)
    client.cookies = remembered.cookies

    assert "I agree" in client.get(page("arrive", study)).text


def test_a_test_in_another_language_says_so_at_the_door(study):
    factories.bare(study, languages=["de"])

    assert "Deutsch" in Client().get(page("arrive", study)).text
    assert Client().get(page("arrive", study), headers={"Accept-Language": "de"}).status_code == 200
