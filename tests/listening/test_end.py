"""The end: a page and a code for every way a session ends, a comment, nothing forgotten."""

import pytest
from django.utils import timezone

from accounts.models import Rater
from listening import providers
from listening.actions.end_session import leave
from listening.models import Presentation, Session, Vote
from tests import factories
from tests.listening.raters import arrived, consented, form, heard_pair, page, take_and_vote


def finish(client, study):
    for _ in range(3):
        client.post(page("vote", study), form(heard_pair(client, study)))
    return client.get(page("end", study))


def test_prolific_raters_are_sent_back_with_the_studys_code(study):
    response = finish(arrived(study, PROLIFIC_PID="p1"), study)

    code = providers.study_code(study, "complete")
    assert Session.objects.get().completion_code == code
    assert f"https://app.prolific.com/submissions/complete?cc={code}" in response.text


def test_other_raters_have_codes_of_their_own(study):
    codes = set()
    for worker in ("w1", "w2"):
        finish(arrived(study, workerId=worker, assignmentId=worker), study)
        codes.add(Session.objects.get(rater__external_id=worker).completion_code)

    assert len(codes) == 2


def test_leaving_early_has_its_own_code_and_keeps_the_votes(study):
    rater = arrived(study, PROLIFIC_PID="p1")
    rater.post(page("vote", study), form(heard_pair(rater, study)))
    heard_pair(rater, study)

    response = rater.post(page("leave", study), follow=True)

    assert "You left early" in response.text
    assert providers.study_code(study, "left") in response.text
    assert providers.study_code(study, "complete") not in response.text
    assert Vote.objects.count() == 1
    assert set(Presentation.objects.values_list("state", flat=True)) == {"voted", "released"}


def test_leaving_after_the_end_changes_nothing(study):
    rater = arrived(study)
    finish(rater, study)
    before = Session.objects.values().get()

    rater.post(page("leave", study))

    assert Session.objects.values().get() == before


@pytest.mark.parametrize("way", ["arrive", "trial"])
def test_whoever_comes_back_after_the_end_sees_the_end(study, way):
    rater = arrived(study)
    finish(rater, study)

    response = rater.get(page(way, study), follow=True)

    assert response.redirect_chain[-1][0] == page("end", study)


def test_nothing_left_offers_to_wait_or_to_end(study):
    for _ in range(4):
        session = consented(study)
        while take_and_vote(session):
            pass
    rater = arrived(study)

    response = rater.get(page("trial", study))

    assert response.status_code == 200
    assert "Nothing left to hear" in response.text
    assert "code for leaving" in rater.post(page("leave", study), follow=True).text


def test_the_rater_who_finds_nothing_left_after_voting_is_done(study):
    study.trials.exclude(pk=study.trials.first().pk).delete()
    rater = arrived(study)

    response = rater.post(page("vote", study), form(heard_pair(rater, study)), follow=True)

    assert "That was all" in response.text


def test_codes_cannot_be_read_off_the_study(study):
    assert providers.study_code(study, "complete") != providers.study_code(study, "left")
    assert study.slug not in providers.study_code(study, "complete").lower()


def ended(study, state: str, **parameters):
    """The end page of somebody whose session ended like that."""
    client = arrived(study, **parameters)
    leave(session=Session.objects.get(), now=timezone.now(), state=state)
    return client.get(page("end", study))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("left", "You left early"),
        ("screened", "This test needs other listeners"),
        ("timed_out", "The time for this test is over"),
    ],
)
def test_every_end_has_a_page_and_a_code_of_its_own(study, state, said):
    response = ended(study, state, PROLIFIC_PID="p1")

    assert said in response.text
    code = providers.study_code(study, state)
    assert f"https://app.prolific.com/submissions/complete?cc={code}" in response.text
    others = {"complete", "left", "screened", "timed_out"} - {state}
    assert not any(providers.study_code(study, other) in response.text for other in others)


def test_whoever_gave_the_task_back_has_nothing_to_hand_in(study):
    response = ended(study, "returned", PROLIFIC_PID="p1")

    assert "You gave this test back" in response.text
    assert Session.objects.get().completion_code not in response.text
    assert "prolific.com" not in response.text


def test_a_worker_of_mechanical_turk_is_told_where_the_code_goes(study):
    response = ended(study, "complete", workerId="w1", assignmentId="a1")

    assert "Go back to the tab of Mechanical Turk" in response.text
    assert Session.objects.get().completion_code in response.text


def test_a_member_of_a_panel_is_led_to_their_own_page(study):
    client = arrived(study)
    Rater.objects.update(provider="panel")
    leave(session=Session.objects.get(), now=timezone.now(), state="complete")

    assert "To your page" in client.get(page("end", study)).text


def test_a_comment_is_stored_once_and_the_code_stays_on_the_page(study):
    client = arrived(study)
    code = finish(client, study).context["session"].completion_code

    first = client.post(page("comment", study), {"comment": "Well\r\nmade."}, follow=True)
    client.post(page("comment", study), {"comment": "Another one."})

    session = Session.objects.get()
    assert session.comment == "Well\nmade." and session.commented_at is not None
    assert "Thank you for your comment" in first.text and code in first.text
    assert "<textarea" not in first.text


def test_the_code_is_there_before_any_comment(study):
    response = finish(arrived(study), study)

    assert Session.objects.get().completion_code in response.text
    assert response.text.index(Session.objects.get().completion_code) < response.text.index("<textarea")


def test_a_long_comment_is_cut_and_an_empty_one_is_none(study):
    client = arrived(study)
    finish(client, study)

    client.post(page("comment", study), {"comment": "  "})
    assert Session.objects.get().commented_at is None
    client.post(page("comment", study), {"comment": "x" * 3000})

    assert len(Session.objects.get().comment) == 2000


def test_where_no_comment_is_asked_for_none_is_taken(study):
    factories.bare(study, comment_asked=False)
    client = arrived(study)

    response = finish(client, study)
    client.post(page("comment", study), {"comment": "Still."})

    assert "<textarea" not in response.text
    assert Session.objects.get().comment == ""


def test_a_comment_before_the_end_is_not_taken(study):
    client = arrived(study)

    client.post(page("comment", study), {"comment": "Too early."})

    assert Session.objects.get().comment == ""
