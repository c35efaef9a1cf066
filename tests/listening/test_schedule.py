"""Where traps and gold stand among the trials of a session."""

from collections import Counter

import pytest

from listening.models import Trial
from listening.schedule import remaining, schedule

STUDY, TRAP, GOLD = Trial.Kind.STUDY, Trial.Kind.TRAP, Trial.Kind.GOLD


@pytest.mark.parametrize(("study", "checks"), [(1, 0), (4, 1), (8, 2), (16, 4), (20, 5), (40, 10)])
def test_every_study_trial_is_in_and_checks_are_two_in_ten(study, checks):
    counts = [Counter(schedule(study, 1, 1, seed)) for seed in range(50)]

    assert all(count[STUDY] == study for count in counts)
    assert all(count[TRAP] + count[GOLD] == checks for count in counts)


def test_every_full_ten_has_one_trap_and_one_gold_pair():
    for seed in range(50):
        order = schedule(40, 1, 1, seed)
        for start in range(0, 50, 10):
            assert (order[start : start + 10].count(TRAP), order[start : start + 10].count(GOLD)) == (1, 1)


def test_the_first_trial_is_never_a_check():
    assert {schedule(8, 4, 4, seed)[0] for seed in range(200)} == {STUDY}


def test_places_differ_from_session_to_session_and_not_from_visit_to_visit():
    places = {tuple(schedule(16, 1, 1, seed)) for seed in range(50)}

    assert len(places) > 40
    assert schedule(16, 1, 1, 3) == schedule(16, 1, 1, 3)


def test_without_checks_there_are_study_trials_alone():
    assert schedule(7, 0, 0, 1) == [STUDY] * 7


def test_what_was_had_is_taken_out_of_the_order():
    assert remaining([STUDY, TRAP, STUDY, GOLD], ["study", "gold"]) == [TRAP, STUDY]
    assert remaining([STUDY], ["practice", "study", "study"]) == []
