"""The trial after the open one is claimed ahead, so that its sounds are there when its page opens."""

from datetime import timedelta

import pytest

from listening.actions.take_trial import take_ahead, take_trial
from listening.errors import NotHeard
from listening.models import Presentation
from tests.listening.raters import NOW, answer, arrived, consented, heard_pair, open_pair, page, serve


def test_what_was_taken_ahead_comes_next(study):
    session = consented(study)
    first = take_trial(session=session, now=NOW)

    ahead = take_ahead(session=session, now=NOW)
    serve(first)
    answer(first, session=session)

    assert take_trial(session=session, now=NOW) == ahead != first


def test_asked_again_it_is_the_same(study):
    session = consented(study)
    take_trial(session=session, now=NOW)

    assert take_ahead(session=session, now=NOW) == take_ahead(session=session, now=NOW)
    assert Presentation.objects.count() == 2


def test_the_open_trial_stays_open(study):
    session = consented(study)
    first = take_trial(session=session, now=NOW)
    take_ahead(session=session, now=NOW)

    assert take_trial(session=session, now=NOW) == first


def test_before_the_first_trial_there_is_nothing_ahead(study):
    assert take_ahead(session=consented(study), now=NOW) is None


def test_the_last_trial_has_nothing_after_it(study):
    session = consented(study)
    for _ in range(2):
        shown = take_trial(session=session, now=NOW)
        serve(shown)
        answer(shown, session=session)
    take_trial(session=session, now=NOW)

    assert take_ahead(session=session, now=NOW) is None


def test_where_trials_are_scarce_nobody_takes_one_ahead(study):
    study.trials.update(votes_needed=1)
    sessions = [consented(study) for _ in range(2)]
    for session in sessions:
        take_trial(session=session, now=NOW)

    assert take_ahead(session=sessions[0], now=NOW) is None
    assert take_trial(session=consented(study), now=NOW) is not None


def test_many_raters_on_few_trials_take_one_ahead_while_votes_are_left(study):
    study.trials.update(votes_needed=20)
    sessions = [consented(study) for _ in range(5)]
    for session in sessions:
        take_trial(session=session, now=NOW)

    assert all(take_ahead(session=session, now=NOW) for session in sessions)


def test_a_claim_ahead_counts_as_a_claim(study):
    study.trials.exclude(pk__in=study.trials.all()[:2]).delete()
    study.trials.update(votes_needed=1)
    session = consented(study)
    take_trial(session=session, now=NOW)
    Presentation.objects.update(leased_until=NOW)  # lapsed: the trial ahead is not scarce
    assert take_ahead(session=session, now=NOW + timedelta(seconds=1))

    assert (
        take_trial(session=consented(study), now=NOW + timedelta(seconds=1)).trial_id
        == session.presentations.first().trial_id
    )


def test_a_trial_that_was_not_yet_shown_has_not_been_heard(study):
    session = consented(study)
    take_trial(session=session, now=NOW)
    ahead = take_ahead(session=session, now=NOW)
    serve(ahead)

    with pytest.raises(NotHeard):
        answer(ahead, session=session)


def test_hearing_counts_from_when_the_page_was_opened(study):
    session = consented(study)
    first = take_trial(session=session, now=NOW)
    ahead = take_ahead(session=session, now=NOW)
    serve(ahead)
    serve(first)
    answer(first, session=session)
    opened = NOW + timedelta(minutes=1)
    take_trial(session=session, now=opened)

    with pytest.raises(NotHeard):
        answer(ahead, now=opened - timedelta(seconds=9), session=session)  # answered a second after it was opened
    assert answer(ahead, now=opened, session=session).response_ms == 4000


def test_the_end_gives_back_what_was_taken_ahead(study):
    rater = arrived(study)
    open_pair(rater, study)
    rater.post(page("ahead", study))
    rater.post(page("leave", study))

    assert set(Presentation.objects.values_list("state", flat=True)) == {"released"}


def test_the_browser_gets_addresses_of_sounds_and_nothing_else(study):
    rater = arrived(study)
    heard_pair(rater, study)

    answered = rater.post(page("ahead", study)).json()

    assert list(answered) == ["sounds"]
    tokens = set(Presentation.objects.get(shown_at=None).playbacks.values_list("token", flat=True))
    assert {address.rsplit("/", 1)[1] for address in answered["sounds"]} == tokens
