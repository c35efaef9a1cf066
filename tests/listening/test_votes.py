"""What a vote may be, and what happens to one that may not: a clear page, a proper status, nothing lost."""

import pytest
from django.test import Client
from django.urls import reverse

from listening.models import Presentation, Vote
from tests.listening.raters import arrived, form, heard_pair, open_pair, page


@pytest.fixture
def rater(study) -> Client:
    return arrived(study, PROLIFIC_PID="rater1")


def test_a_vote_is_stored_and_leads_to_the_next_pair(study, rater):
    shown = heard_pair(rater, study)

    response = rater.post(page("vote", study), form(shown, "b"))

    assert response.status_code == 302
    assert response.url == page("trial", study)
    stored = Vote.objects.get()
    assert (stored.presentation, stored.choice, stored.response_ms) == (shown, "b", 2500)
    assert open_pair(rater, study) != shown


def test_a_tie_has_no_winner(study, rater):
    rater.post(page("vote", study), form(heard_pair(rater, study), "tie"))

    assert Vote.objects.get().winner is None


def test_a_study_without_ties_refuses_one(study, rater):
    study.listening_questions.update(ties=False)
    shown = heard_pair(rater, study)

    assert b'value="tie"' not in rater.get(page("trial", study)).content
    assert rater.post(page("vote", study), form(shown, "tie")).status_code == 400


def test_a_second_vote_on_a_pair_is_refused_and_the_first_stays(study, rater):
    shown = heard_pair(rater, study)
    rater.post(page("vote", study), form(shown, "a"))

    response = rater.post(page("vote", study), form(shown, "b"))

    assert response.status_code == 409
    assert "stored already" in response.text
    assert Vote.objects.get().choice == "a"


def test_a_vote_on_somebody_elses_pair_is_refused(study, rater):
    other = arrived(study, PROLIFIC_PID="rater2")
    theirs, mine = heard_pair(other, study), heard_pair(rater, study)

    response = rater.post(page("vote", study), form(theirs))

    assert response.status_code == 403
    assert "somebody else" in response.text
    assert not Vote.objects.exists()
    assert open_pair(rater, study) == mine
    assert other.post(page("vote", study), form(theirs)).status_code == 302


def test_a_vote_after_the_end_is_refused_and_the_votes_before_stay(study, rater):
    shown = heard_pair(rater, study)
    rater.post(page("vote", study), form(shown))
    late = heard_pair(rater, study)
    rater.post(page("leave", study))

    response = rater.post(page("vote", study), form(late))

    assert response.status_code == 409
    assert "has ended" in response.text
    assert Vote.objects.get().presentation == shown


def test_a_vote_without_a_session_is_refused(study, rater):
    shown = heard_pair(rater, study)

    response = Client().post(page("vote", study), form(shown))

    assert response.status_code == 403
    assert not Vote.objects.exists()


def test_a_vote_without_the_form_of_the_page_is_refused(study, rater):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = rater.cookies

    assert strict.post(page("vote", study), form(heard_pair(rater, study))).status_code == 403
    assert not Vote.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"choice": ""}, 400),
        ({"choice": "c"}, 400),
        ({"choice": "A"}, 400),
        ({"choice": "a" * 10_000}, 400),
        ({"pair": ""}, 404),
        ({"pair": "no-such-pair"}, 404),
        ({"pair": "x" * 10_000}, 404),
        ({"pair": "🎧"}, 404),
    ],
)
def test_bad_answers_are_refused_and_the_pair_stays_open(study, rater, changes, status):
    shown = heard_pair(rater, study)

    response = rater.post(page("vote", study), form(shown, **changes))

    assert response.status_code == status
    assert "<h1>" in response.text
    assert not Vote.objects.exists()
    assert rater.post(page("vote", study), form(shown)).status_code == 302


@pytest.mark.parametrize("changes", [{"choice": "a\x00"}, {"pair": "\x00"}])
def test_a_nul_is_refused_at_the_door_and_the_pair_stays_open(study, rater, changes):
    shown = heard_pair(rater, study)

    assert rater.post(page("vote", study), form(shown, **changes)).status_code == 400
    assert not Vote.objects.exists()
    assert rater.post(page("vote", study), form(shown)).status_code == 302


@pytest.mark.parametrize("time", ["", "-5", "soon", "1e9", "9" * 40, "NaN", "٣"])
def test_a_response_time_that_cannot_be_is_replaced_by_the_servers_own(study, rater, time):
    rater.post(page("vote", study), form(heard_pair(rater, study), response_ms=time))

    assert 59_000 < Vote.objects.get().response_ms < 120_000


def test_nobody_votes_by_following_a_link(study, rater):
    assert rater.get(page("vote", study)).status_code == 405
    assert rater.get(page("leave", study)).status_code == 405


def test_the_last_vote_leads_to_the_code(study, rater):
    for _ in range(3):
        response = rater.post(page("vote", study), form(heard_pair(rater, study)), follow=True)

    assert response.redirect_chain[-1][0] == reverse("listening:end", args=[study.slug])
    assert response.context["session"].completion_code in response.text
    assert Presentation.objects.filter(state="voted").count() == 3


def test_there_is_no_code_before_the_last_vote(study, rater):
    rater.post(page("vote", study), form(heard_pair(rater, study)))

    assert rater.get(page("end", study)).status_code == 409
