"""Each statistic agrees with an independent reference on the same numbers, and covers what it says it covers."""

import math

import numpy as np
import pytest
from scipy import stats

from results import statistics

RNG = np.random.default_rng(20)


def column(values) -> np.ndarray:
    return np.asarray(values, float)[:, None]


def test_mean_interval_agrees_with_scipys_percentile_bootstrap_at_the_expanded_level():
    values = RNG.normal(0.3, 0.1, 40)
    level = 1 - 2 * stats.norm.cdf(-math.sqrt(40 / 39) * stats.t.ppf(0.975, 39))

    ours = statistics.mean_intervals(column(values), resamples=40_000)[0]
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=40_000, method="percentile", confidence_level=level, rng=RNG
    ).confidence_interval

    assert ours.value == pytest.approx(values.mean())
    assert ours.low == pytest.approx(theirs.low, abs=0.001)
    assert ours.high == pytest.approx(theirs.high, abs=0.001)
    assert ours.n == 40


def test_mean_interval_of_symmetric_values_agrees_with_students_t():
    values = RNG.normal(0, 1, 60)

    ours = statistics.mean_intervals(column(values), resamples=40_000)[0]
    low, high = stats.t.interval(0.95, 59, values.mean(), stats.sem(values))

    assert ours.interval == pytest.approx([low, high], abs=0.03)


def test_missing_prompts_are_left_out_of_their_own_column_only():
    whole, holes = np.arange(10.0), np.where(np.arange(10) < 4, np.nan, np.arange(10))
    both = statistics.mean_intervals(np.stack([whole, holes], axis=1))

    assert both[0] == statistics.mean_intervals(column(whole))[0]
    assert both[1] == statistics.mean_intervals(column(holes[4:]))[0]
    assert both[1].n == 6


def test_one_value_has_no_interval_and_no_value_has_no_estimate():
    assert statistics.mean_intervals(column([0.5]))[0].interval is None
    assert statistics.mean_intervals(column([np.nan, np.nan])) == [None]


def test_the_same_seed_gives_the_same_interval():
    values = column(RNG.normal(size=30))

    assert statistics.mean_intervals(values, seed=3) == statistics.mean_intervals(values, seed=3)
    assert statistics.mean_intervals(values, seed=3) != statistics.mean_intervals(values, seed=4)


def test_large_sets_are_resampled_in_blocks_that_fit_in_memory(monkeypatch):
    values = RNG.normal(size=(50, 2))
    monkeypatch.setattr(statistics, "_BLOCK", 1_000)

    means = statistics.resampled_means(values, 333, seed=1)

    assert means.shape == (333, 2)
    assert means.mean(axis=0) == pytest.approx(values.mean(axis=0), abs=0.05)


@pytest.mark.parametrize("n", [10, 36])
@pytest.mark.parametrize("draw", ["normal", "uniform"])
def test_nominal_95_percent_intervals_of_paired_differences_cover_93_to_97(n, draw):
    rng = np.random.default_rng(n)
    worlds = getattr(rng, draw)(size=(n, 3_000))
    truth = 0.0 if draw == "normal" else 0.5

    estimates = statistics.mean_intervals(worlds, resamples=2_000)

    covered = np.mean([e.low <= truth <= e.high for e in estimates])
    assert 0.93 <= covered <= 0.97


def test_sign_flips_agree_with_scipys_permutation_test():
    values = RNG.normal(0.4, 1, 12)
    theirs = stats.permutation_test(
        (values,), lambda x, axis: x.mean(axis=axis), permutation_type="samples", n_resamples=np.inf, vectorized=True
    )

    assert statistics.sign_flip_p(column(values), resamples=40_000) == [pytest.approx(theirs.pvalue, abs=0.01)]


def test_no_difference_at_all_has_p_one():
    assert statistics.sign_flip_p(np.zeros((8, 1))) == [1.0]


def test_sign_flips_reject_a_true_null_as_often_as_they_say():
    worlds = np.random.default_rng(5).normal(size=(20, 2_000))

    rejected = np.mean(np.array(statistics.sign_flip_p(worlds, resamples=2_000)) <= 0.05)

    assert 0.035 <= rejected <= 0.065


def test_holm_agrees_with_its_published_example_and_skips_what_has_no_p():
    # Holm 1979 / Wright 1992, as in R: p.adjust(c(.01, .04, .03, .005), "holm")
    assert statistics.holm([0.01, 0.04, None, 0.03, 0.005]) == pytest.approx([0.03, 0.06, None, 0.06, 0.02])


def test_holm_never_exceeds_one():
    assert statistics.holm([0.9, 0.6]) == [1.0, 1.0]


def world_of_votes(rng, raters=30, prompts=24, votes=6):
    """Votes with a taste of each rater and a difficulty of each prompt: (raters, prompts, values)."""
    rater = np.concatenate([rng.choice(raters, votes, replace=False) for _ in range(prompts)])
    prompt = np.repeat(np.arange(prompts), votes)
    leaning = 0.5 + rng.normal(0, 0.5, raters)[rater] + rng.normal(0, 1.0, prompts)[prompt]
    values = (rng.random(len(rater)) < 1 / (1 + np.exp(-leaning))).astype(float)
    return rater, prompt, np.where(rng.random(len(rater)) < 0.1, 0.5, values)


def test_votes_of_raters_and_prompts_that_come_back_are_covered_as_they_should_be():
    rng = np.random.default_rng(11)
    leaning = rng.normal(0.5, math.hypot(0.5, 1.0), 1_000_000)
    truth = 0.9 * np.mean(1 / (1 + np.exp(-leaning))) + 0.1 * 0.5

    worlds = [world_of_votes(rng) for _ in range(600)]
    estimates = [statistics.preference_share(*world, resamples=400) for world in worlds]

    covered = np.mean([e.low <= truth <= e.high for e in estimates])
    assert 0.93 <= covered <= 0.975
    naive = np.mean([1.96 * stats.sem(values) for _, _, values in worlds])
    ours = np.mean([(e.high - e.low) / 2 for e in estimates])
    assert ours > 1.4 * naive


def test_clustered_error_of_independent_votes_is_the_plain_standard_error():
    values = RNG.integers(0, 2, 400).astype(float)
    alone = np.arange(400)

    assert statistics.clustered_error(alone, alone, values) == pytest.approx(stats.sem(values))


def test_clustered_error_agrees_with_the_formula_worked_by_hand():
    rater, prompt = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    values = np.array([1.0, 0.5, 1.0, 0.0])
    # Rests .375, −.125, .375, −.625: by rater .25² + .25², by prompt .75² + .75², each vote alone .6875.
    by_rater, by_prompt, alone = 0.125 / 16 * 2, 1.125 / 16 * 2, 0.6875 / 16 * 4 / 3

    assert statistics.clustered_error(rater, prompt, values) == pytest.approx(
        math.sqrt(max(by_rater + by_prompt - alone, by_rater, by_prompt))
    )


def test_a_tie_counts_half():
    share = statistics.preference_share(np.array([1, 2, 3]), np.array([1, 2, 3]), np.array([1.0, 0.5, 0.0]))

    assert (share.value, share.n) == (0.5, 3)


def test_votes_that_all_agree_still_leave_room_for_doubt():
    estimate = statistics.preference_share(np.arange(10), np.arange(10), np.ones(10))

    assert estimate.value == 1.0
    assert estimate.interval == pytest.approx([stats.binomtest(10, 10).proportion_ci().low, 1.0])


def test_one_rater_alone_gives_no_interval_and_no_vote_gives_no_share():
    none = np.array([])

    assert statistics.preference_share(np.ones(3), np.arange(3), np.array([1.0, 1.0, 0.0])).interval is None
    assert statistics.preference_share(none, none, none) is None


@pytest.mark.parametrize(("share", "votes"), [(0.55, 810), (0.60, 203), (0.65, 92), (0.70, 51)])
def test_votes_needed_agree_with_the_published_figures(share, votes):
    assert statistics.votes_needed(share) == pytest.approx(votes, rel=0.02)


def test_no_number_of_votes_is_named_for_an_even_split():
    with pytest.raises(ValueError, match="one half"):
        statistics.votes_needed(0.5)
