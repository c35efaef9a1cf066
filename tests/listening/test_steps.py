"""What comes when: every address leads to the page that comes now, whichever page was asked for."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from listening.actions.check_headphones import begin_check
from listening.actions.take_trial import take_trial
from listening.actions.time_out import time_out_sessions
from listening.models import HeadphoneCheck, Session
from listening.past import past_of
from listening.pools import fill
from listening.simulation import simulate
from listening.steps import Step, step_of
from studies.models import Clip
from tests import factories
from tests.listening.raters import NOW, arrived, consented, form, heard_pair, page, take_and_vote

ASKED = [{"question": "Do you hear well?", "options": ["Yes", "No"], "accepted": ["Yes"]}]
PAGES = ("questions", "headphones", "practice", "counts", "break", "trial")


def with_all(study, **fields):
    """Everything that can come before and between the trials."""
    everything = {"qualification": ASKED, "headphones": "antiphase", "practice_trials": 2, "break_every": 2}
    factories.bare(study, **{**everything, **fields})
    for question in study.listening_questions.all():
        fill(question)
    return study


def where(client: Client, study, name: str = "trial") -> str:
    """The page on which the browser finds itself after asking for this one."""
    response = client.get(page(name, study), follow=True)
    return response.request["PATH_INFO"].rstrip("/").rpartition("/")[2]


def pass_check(session: Session) -> None:
    check = begin_check(session=session, now=NOW)
    HeadphoneCheck.objects.filter(pk=check.pk).update(answered_at=timezone.now(), passed=True, right=6)


def vote(client: Client, study) -> None:
    client.post(page("vote", study), form(heard_pair(client, study)))


def test_the_pages_come_one_after_the_other_and_each_address_leads_to_the_one_that_comes_now(study):
    with_all(study)
    client = arrived(study)
    session = Session.objects.get()

    def expect(step: str) -> None:
        assert {where(client, study, name) for name in PAGES} == {step}

    expect("questions")
    client.post(page("questions", study), {"answer0": "Yes"})
    expect("headphones")
    pass_check(session)
    expect("practice")
    client.post(page("practice", study))
    for _ in range(2):
        expect("trial")
        vote(client, study)
    expect("counts")
    client.post(page("counts", study))
    for _ in range(2):
        expect("trial")
        vote(client, study)
    expect("break")
    client.post(page("break", study))
    expect("trial")
    vote(client, study)
    expect("end")


def test_a_form_of_another_tab_that_is_over_changes_nothing(study):
    with_all(study)
    client = arrived(study)
    client.post(page("questions", study), {"answer0": "Yes"})
    before = Session.objects.values().get()

    for name in ("questions", "counts", "break", "practice"):
        response = client.post(page(name, study), {"answer0": "No"}, follow=True)
        assert response.redirect_chain[-1][0] == page("headphones", study)

    assert Session.objects.values().get() == before


@pytest.mark.parametrize("name", ["questions", "headphones", "practice", "counts", "break"])
def test_a_page_without_consent_leads_to_the_door(study, name):
    assert Client().get(page(name, study)).url == page("arrive", study)


def test_a_test_with_nothing_before_the_trials_begins_with_them(study):
    assert where(arrived(study), study, "arrive") == "trial"


def test_without_practice_whoever_will_hear_a_voice_is_told_so_once(study):
    Clip.objects.update(samples=3 * 16_000)  # long enough for a voice
    with_all(study, qualification=[], headphones="none", practice_trials=0, traps_per_ten=1)
    client = arrived(study)

    response = client.get(page("trial", study), follow=True)
    assert "a voice asks you for a certain answer" in response.text

    client.post(page("counts", study))
    assert where(client, study) == "trial"


def test_practice_that_has_no_trials_is_not_announced(study):
    factories.bare(study, practice_trials=3)

    assert where(arrived(study), study) == "trial"


def test_nobody_who_is_at_work_is_asked_what_comes_before(study):
    client = arrived(study)
    vote(client, study)

    with_all(study, practice_trials=0)

    assert where(client, study) == "trial"


def test_a_session_that_took_too_long_times_out_on_every_page(study):
    with_all(study, session_minutes=30)
    client = arrived(study)
    Session.objects.update(started_at=timezone.now() - timedelta(minutes=31))

    response = client.get(page("questions", study), follow=True)

    assert "The time for this test is over" in response.text
    assert Session.objects.get().state == "timed_out"


def test_sessions_of_people_who_never_come_back_time_out_and_give_back_what_they_held(study):
    factories.bare(study, session_minutes=30)
    late, punctual = consented(study), consented(study, now=NOW + timedelta(minutes=20))
    take_and_vote(late)
    held = take_trial(session=late, now=NOW)

    assert time_out_sessions(now=NOW + timedelta(minutes=31)) == 1

    late.refresh_from_db(), punctual.refresh_from_db(), held.refresh_from_db()
    assert (late.state, punctual.state, held.state) == ("timed_out", "active", "released")
    assert late.presentations.filter(state="voted").count() == 1
    assert time_out_sessions(now=NOW + timedelta(minutes=31)) == 0


def test_a_test_without_a_limit_never_times_out(study):
    consented(study)

    assert time_out_sessions(now=NOW + timedelta(days=90)) == 0


def test_a_researcher_who_looks_meets_the_same_pages(study):
    with_all(study)
    session = consented(study)
    Session.objects.update(population="preview")
    again = Session.objects.get(pk=session.pk)

    assert step_of(again, past_of(again), NOW) is Step.QUESTIONS


def test_simulated_raters_pass_by_all_pages(study):
    with_all(study, traps_per_ten=1, gold_per_ten=1)

    assert simulate(study=study, raters=2, seed=1) > 0
    assert set(Session.objects.values_list("state", flat=True)) == {"complete"}
    session = Session.objects.first()
    assert step_of(session, past_of(session), NOW) is Step.END
