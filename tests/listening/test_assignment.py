"""Who hears which pair, how often, on which side."""

from datetime import timedelta

import pytest
from django.db import connection

from listening import claims
from listening.actions.open_trials import open_trials
from listening.actions.take_trial import take_trial
from listening.models import Presentation, Vote
from studies.models import Rendering
from tests import factories
from tests.listening.raters import NOW, answer, consented, first_is_a, serve, take_and_vote

LATER = NOW + timedelta(hours=1)  # every lease has run out by then


def votes_by_trial(study) -> list[int]:
    return [
        Presentation.objects.filter(trial=trial, state="voted", session__rater__simulated=False).count()
        for trial in study.trials.all()
    ]


def test_asking_again_gives_the_same_pair(study):
    session = consented(study)

    first, again = take_trial(session=session, now=NOW), take_trial(session=session, now=NOW)

    assert first == again
    assert Presentation.objects.count() == 1


def test_no_rater_meets_a_trial_twice(study):
    session = consented(study)

    trials = [take_and_vote(session).presentation.trial_id for _ in range(3)]

    assert len(set(trials)) == 3


def test_no_rater_meets_the_same_two_clips_twice_even_as_another_pair_of_arms(db):
    arms = ("original", "instruct", "best_of_n")
    study = factories.complete(factories.study(arms=arms, listening_pairs=[[a, "original"] for a in arms[1:]]))
    for same in Rendering.objects.filter(candidate__arm__key="best_of_n"):
        twin = Rendering.objects.get(candidate__arm__key="instruct", candidate__prompt=same.candidate.prompt)
        Rendering.objects.filter(pk=same.pk).update(clip=twin.clip)
    open_trials(study=study)
    session = consented(study)

    votes = sum(take_and_vote(session) is not None for _ in range(8))

    assert study.trials.count() == 8
    assert votes == 4


def test_trials_with_the_fewest_votes_come_first(study):
    for _ in range(2):
        session = consented(study)
        take_and_vote(session), take_and_vote(session)

    assert votes_by_trial(study) == [1, 1, 1, 1]


def test_every_trial_gets_its_votes_and_no_more(study):
    for _ in range(10):
        session = consented(study)
        while take_and_vote(session):
            pass

    assert votes_by_trial(study) == [2, 2, 2, 2]


def test_an_abandoned_claim_comes_back(study):
    study.trials.exclude(pk=study.trials.first().pk).delete()
    study.trials.update(votes_needed=1)
    take_trial(session=consented(study), now=NOW)
    other = consented(study)

    assert take_trial(session=other, now=NOW + timedelta(minutes=14)) is None
    assert take_trial(session=other, now=LATER) is not None


def test_a_rater_who_comes_back_late_keeps_the_pair_while_it_has_room(study):
    session = consented(study)
    before = take_trial(session=session, now=NOW)

    after = take_trial(session=session, now=LATER)

    assert after == before
    assert after.leased_until > LATER


def test_a_rater_who_comes_back_late_to_a_full_trial_gets_another(study):
    study.trials.update(votes_needed=1)
    session = consented(study)
    before = take_trial(session=session, now=NOW)
    while take_and_vote(consented(study), now=LATER):
        if Vote.objects.filter(presentation__trial=before.trial).exists():
            break

    after = take_trial(session=session, now=LATER)

    assert after is None or after.trial != before.trial
    before.refresh_from_db()
    assert before.state == "released"


def test_a_late_vote_counts_while_the_trial_has_room(study):
    mine = take_trial(session=consented(study), now=NOW)
    serve(mine)

    stored = answer(mine, now=LATER)

    assert stored.presentation.state == "voted"


def test_a_late_vote_on_a_full_trial_is_kept_as_surplus_and_counts_for_the_rater(study):
    study.trials.exclude(pk=study.trials.first().pk).delete()
    study.trials.update(votes_needed=1)
    mine = take_trial(session=consented(study), now=NOW)
    serve(mine)
    take_and_vote(consented(study), now=LATER)

    stored = answer(mine, now=LATER)

    assert stored.presentation.state == "surplus"
    assert votes_by_trial(study) == [1]
    assert claims.votes_of(mine.session) == 1


def test_leaving_gives_the_claim_back_at_once(study):
    from listening.actions.end_session import leave

    study.trials.exclude(pk=study.trials.first().pk).delete()
    study.trials.update(votes_needed=1)
    session = consented(study)
    take_trial(session=session, now=NOW)

    leave(session=session, now=NOW)

    assert take_trial(session=consented(study), now=NOW) is not None


def test_simulated_raters_take_no_votes_from_people(study):
    for simulated in (True, False):
        for _ in range(6):
            session = consented(study, simulated=simulated)
            while take_and_vote(session):
                pass

    assert votes_by_trial(study) == [2, 2, 2, 2]
    assert Vote.objects.filter(presentation__session__rater__simulated=True).count() == 8


def test_each_trial_is_heard_on_both_sides_alike(study):
    study.trials.update(votes_needed=6)
    for _ in range(8):
        session = consented(study)
        while take_and_vote(session):
            pass

    for trial in study.trials.all():
        sides = [first_is_a(shown) for shown in trial.presentations.all()]
        assert len(sides) == 6
        assert sides.count(True) == 3


def test_an_abandoned_claim_has_no_side(study):
    study.trials.update(votes_needed=9)
    for _ in study.trials.all():  # the emptiest trial comes first: one abandoned claim each
        take_trial(session=consented(study), now=NOW)

    for number in range(8):
        session = consented(study, f"late{number}")
        take_and_vote(session, now=LATER)

    for trial in study.trials.all():
        assert trial.presentations.count() == 3
        assert sorted(first_is_a(shown) for shown in trial.presentations.filter(state="voted")) == [False, True]


def test_one_rater_hears_a_pair_of_arms_on_both_sides_alike(db):
    study = factories.complete(
        factories.study(prompt_set=factories.prompt_set(test=10), trials_per_session=10, votes_per_trial=1)
    )
    open_trials(study=study)
    session = consented(study)
    while take_and_vote(session):
        pass

    sides = [first_is_a(shown) for shown in session.presentations.all()]

    assert (len(sides), sides.count(True)) == (10, 5)


@pytest.mark.parametrize("choice", ["a", "b"])
def test_the_vote_goes_to_the_arm_behind_the_side(study, choice):
    session = consented(study)

    for _ in range(3):
        stored = take_and_vote(session, choice)
        heard = stored.presentation.playbacks.order_by("letter")
        assert stored.winner == heard.get(letter=choice).stimulus.arm
        assert [one.value for one in heard] == [float(one.letter == choice) for one in heard]


def test_a_session_completes_with_its_last_vote_and_not_before(study):
    session = consented(study)
    states = []
    for _ in range(3):
        take_and_vote(session)
        session.refresh_from_db()
        states.append((session.state, bool(session.completion_code)))

    assert states == [("active", False), ("active", False), ("complete", True)]


def test_a_rater_who_has_heard_all_there_is_completes(study):
    study.trials.exclude(pk=study.trials.first().pk).delete()
    session = consented(study)
    take_and_vote(session)

    assert take_trial(session=session, now=NOW) is None
    session.refresh_from_db()
    assert session.state == "complete"


def test_a_rater_for_whom_nothing_was_left_stays_welcome(study):
    study.trials.all().delete()
    session = consented(study)

    assert take_trial(session=session, now=NOW) is None
    session.refresh_from_db()
    assert session.state == "active"


def test_claims_are_found_without_reading_what_was_voted(study):
    """By the plan that PostgreSQL keeps for whatever values come; of an empty table it would read all."""
    sql, values = claims.live(consented(study), NOW).query.sql_with_params()

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN (GENERIC_PLAN) " + sql % tuple(f"${n}" for n in range(1, len(values) + 1)))
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "presentation_live_claims" in plan
