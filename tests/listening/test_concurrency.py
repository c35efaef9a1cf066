"""Many raters at once, on connections of their own: no trial over- or underfilled, no vote lost, nobody twice."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from listening import claims
from listening.actions.begin_session import begin_session
from listening.actions.open_trials import open_trials
from listening.actions.take_trial import take_trial
from listening.errors import AlreadyVoted
from listening.models import Presentation, Session, Vote
from tests import factories
from tests.listening.raters import answer, consented, serve, take_and_vote

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study():
    made = factories.complete(
        factories.study(prompt_set=factories.prompt_set(test=8), votes_per_trial=3, trials_per_session=6)
    )
    open_trials(study=made)
    return made


@pytest.fixture(autouse=True)
def _slow_to_decide(monkeypatch):
    """Between counting a trial's votes and acting on it, everybody else has their chance."""
    count = claims.taken

    def taken(*args, **kwargs):
        found = count(*args, **kwargs)
        time.sleep(0.02)
        return found

    monkeypatch.setattr(claims, "taken", taken)


def alone(action):
    """In a thread: gives up rather than waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")
    try:
        return action()
    finally:
        connections.close_all()


@transaction.atomic
def in_transaction(pk: int):
    return claims.lock_if_free(pk)


def together(actions) -> list:
    """Runs all of them at once, each in its own thread and connection, and returns their results in order."""
    barrier = threading.Barrier(len(actions))

    def run(action):
        try:
            connection.ensure_connection()
            barrier.wait(timeout=120)
            return action()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def vote_to_the_end(session: Session) -> int:
    votes = 0
    while take_and_vote(session, now=timezone.now()):
        votes += 1
    return votes


def test_a_crowd_fills_every_trial_exactly(study):
    sessions = [consented(study) for _ in range(24)]

    given = together([lambda s=s: vote_to_the_end(s) for s in sessions])

    by_trial = Counter(Presentation.objects.filter(state="voted").values_list("trial", flat=True))
    assert [by_trial[trial.pk] for trial in study.trials.all()] == [3] * 8
    assert sum(given) == Vote.objects.count() == 24
    assert not Presentation.objects.filter(state="surplus").exists()


def test_a_crowd_that_only_claims_gets_as_many_claims_as_there_are_votes(study):
    sessions = [consented(study) for _ in range(32)]
    now = timezone.now()

    taken = together([lambda s=s: take_trial(session=s, now=now) for s in sessions])

    by_trial = Counter(shown.trial_id for shown in taken if shown)
    assert set(by_trial.values()) == {3}
    assert sum(by_trial.values()) == 24
    assert taken.count(None) == 8


def test_raters_do_not_wait_for_each_other(study):
    """One rater's transaction is still open: the next rater gets another pair all the same, and votes on it."""
    one, other = consented(study), consented(study)

    with transaction.atomic():
        first = take_trial(session=one, now=timezone.now())
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(alone, lambda: take_and_vote(other, now=timezone.now())).result(timeout=60)

    assert second.presentation.trial_id != first.trial_id


def test_a_trial_that_is_being_given_out_is_passed_by_and_the_others_are_not(study):
    held, free = study.trials.all()[:2]

    with transaction.atomic():
        claims.lock(held.pk)
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(alone, lambda: (in_transaction(held.pk), in_transaction(free.pk))).result(timeout=60)

    assert found == (None, free)


def test_two_tabs_of_one_rater_show_one_pair(study):
    session = consented(study)
    now = timezone.now()

    tabs = together([lambda: take_trial(session=session, now=now) for _ in range(8)])

    assert len({shown.pk for shown in tabs}) == 1


def test_a_double_click_is_one_vote(study):
    shown = take_trial(session=consented(study), now=timezone.now())
    serve(shown, timezone.now())

    results = together([lambda: answer(shown, now=timezone.now()) for _ in range(6)])

    assert Vote.objects.count() == 1
    assert sum(isinstance(result, AlreadyVoted) for result in results) == 5


def test_consenting_in_two_tabs_is_one_session(study):
    arrive = {"study": study, "provider": "prolific", "external_id": "p1", "consent": "Yes.", "arrival": {}}

    tabs = together([lambda: begin_session(**arrive, now=timezone.now()) for _ in range(6)])

    assert len({session.pk for session in tabs}) == 1


def test_the_last_vote_of_a_trial_is_given_once_when_a_late_rater_and_a_new_one_meet(study):
    """The claims have run out: late votes and new claims race for the same places."""
    study.trials.exclude(pk=study.trials.first().pk).delete()
    past = timezone.now() - timedelta(hours=1)
    late = [take_trial(session=consented(study), now=past) for _ in range(3)]
    for shown in late:
        serve(shown, past)
    new = [consented(study) for _ in range(6)]

    results = together(
        [lambda shown=shown: answer(shown, now=timezone.now()) for shown in late]
        + [lambda s=s: take_and_vote(s, now=timezone.now()) for s in new]
    )

    assert not [result for result in results if isinstance(result, Exception)]
    assert Presentation.objects.filter(state="voted").count() == 3
    assert Vote.objects.count() == sum(result is not None for result in results) >= 3


def test_opening_trials_twice_at_once_opens_them_once(study):
    study.trials.all().delete()

    opened = together([lambda: open_trials(study=study) for _ in range(4)])

    assert sorted(opened) == [0, 0, 0, 8]
