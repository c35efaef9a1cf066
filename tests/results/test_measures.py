"""What votes and scores say, and what is said where they say nothing."""

import math

import numpy as np
import pytest

from results.measures import agreement, bradley_terry, correlation, course, power


def strengths(votes, arms):
    first, second, outcome = (np.array(each) for each in zip(*votes, strict=True))
    n = np.arange(len(votes))
    return bradley_terry.strengths(first, second, outcome, n % 7, n % 5, arms)


def test_wins_and_ties_are_counted_by_arm_whatever_the_order():
    wins, ties = bradley_terry.counts(np.array([0, 1, 0, 2]), np.array([1, 0, 2, 0]), np.array([0, 0, 2, 1]), 3)

    assert wins.tolist() == [[0, 1, 1], [1, 0, 0], [0, 0, 0]]
    assert ties.tolist() == [[0, 0, 1], [0, 0, 0], [1, 0, 0]]


def test_the_order_of_arms_and_of_a_pair_does_not_matter():
    votes = [(0, 1, 0)] * 30 + [(0, 1, 1)] * 20 + [(1, 2, 0)] * 30 + [(1, 2, 1)] * 10 + [(1, 2, 2)] * 10
    mirrored = [(2 - b, 2 - a, {0: 1, 1: 0, 2: 2}[o]) for a, b, o in votes]

    assert strengths(votes, 3).value == pytest.approx(strengths(mirrored, 3).value[::-1], abs=1e-8)


def test_arms_that_were_never_compared_are_named():
    with pytest.raises(bradley_terry.NotConnected) as told:
        strengths([(0, 1, 0), (1, 0, 0), (2, 3, 0), (3, 2, 0)], 4)

    assert told.value.groups == [[0, 1], [2, 3]]


def test_an_arm_that_never_loses_has_no_bound_and_says_so():
    found = strengths([(0, 1, 0)] * 40, 2)

    assert not found.bounded
    assert 1 < found.value[0] < 10
    assert strengths([(0, 1, 0)] * 30 + [(0, 1, 1)] * 10, 2).bounded


def test_few_items_have_no_correlation():
    assert correlation.correlations(np.arange(3.0), np.arange(3.0), np.arange(3)) == []
    assert correlation.correlations(np.ones(9), np.arange(9.0), np.arange(9)) == []


def test_items_of_one_prompt_are_drawn_together():
    rng = np.random.default_rng(1)
    x, y = np.repeat(rng.normal(size=20), 10), np.repeat(rng.normal(size=20), 10)
    apart, together = (correlation.correlations(x, y, ids)[0] for ids in (np.arange(200), np.arange(200) // 10))

    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_the_ceiling_says_why_there_is_none():
    assert "two votes" in correlation.ceiling(np.arange(10), np.arange(10.0)).reason
    assert "do not differ" in correlation.ceiling(np.arange(20) // 2, np.ones(20)).reason


def test_alpha_says_why_it_is_undefined():
    assert agreement.alpha(np.array([]), np.array([])).reason == "nobody has voted"
    assert "two votes" in agreement.alpha(np.arange(3), np.array(["a", "b", "a"])).reason
    same = agreement.alpha(np.array([0, 0, 1, 1]), np.array(["a"] * 4))
    assert (same.alpha, same.share) == (None, 1.0)
    assert "chance agrees as well" in same.reason


def test_agreement_is_one_where_all_agree_and_about_zero_by_chance():
    units = np.arange(200) // 4
    assert agreement.alpha(units, np.where(units % 2, "a", "b")).alpha == pytest.approx(1)
    by_chance = agreement.alpha(units, np.random.default_rng(1).choice(["a", "b"], 200))
    assert by_chance.low < 0 < by_chance.high


def test_the_course_of_a_preference_ends_where_it_stands_now_and_narrows():
    rng = np.random.default_rng(1)
    rater, prompt = rng.integers(40, size=600), rng.integers(30, size=600)
    values = (rng.random(600) < 0.65).astype(float)
    points = course.course(rater, prompt, values)

    assert points[-1].votes == 600
    assert points[-1].share == pytest.approx(values.mean())
    assert points[-1].width < points[5].width
    assert course.votes_for_width(points[-1], points[-1].width / 2) == 2400
    assert course.course(rater[:5], prompt[:5], values[:5]) == []


def test_power_grows_with_prompts_votes_and_effect():
    few = power.preference_power(0.6, prompts=20, votes_per_trial=3, trials_per_session=10)
    more = power.preference_power(0.6, prompts=60, votes_per_trial=5, trials_per_session=10)
    surer = power.preference_power(0.75, prompts=20, votes_per_trial=3, trials_per_session=10)

    assert few.value < more.value
    assert few.value < surer.value
    assert few.width > more.width
    assert (few.votes, few.raters) == (60, 6)


def test_without_an_effect_power_is_the_error_that_is_allowed():
    assert power.preference_power(0.5, prompts=60, votes_per_trial=5, trials_per_session=10, studies=2_000).value < 0.08


def test_votes_of_raters_and_prompts_that_come_back_are_worth_less():
    clustered = power.preference_power(0.6, prompts=20, votes_per_trial=10, trials_per_session=20)

    assert clustered.value < power.independent_power(0.6, 200) - 0.1


def test_more_takes_help_only_as_far_as_takes_differ():
    def at(takes: int, within: float) -> float:
        return power.gain_power(2.0, between=8.0, within=within, prompts=60, takes=takes)

    assert at(8, 12.0) > at(1, 12.0) + 0.2
    assert at(8, 0.0) == at(1, 0.0)


def test_an_effect_that_raters_leave_no_room_for_is_refused():
    with pytest.raises(ValueError, match="no difference is preferred by more than 90%"):
        power.preference_power(
            0.95, prompts=10, votes_per_trial=3, trials_per_session=10, crowd=power.Crowd(attention=0.8)
        )
    assert power.prompts_for_gain(0.0, between=1, within=0, takes=1) is None
    assert not math.isnan(power.gain_power(1, between=8, within=0, prompts=100_000, takes=1))
