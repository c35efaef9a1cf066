"""Each measure against an independent library on the same numbers, to a stated precision."""

from __future__ import annotations

import choix
import krippendorff
import numpy as np
import pytest
from sacrebleu import corpus_bleu, sentence_bleu, sentence_chrf
from scipy import optimize, stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower, TTestPower
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from results import statistics
from results.measures import agreement, bradley_terry, correlation, power
from studies.fidelity import fidelity

RNG = np.random.default_rng(7)


def test_holm_is_that_of_statsmodels():
    p = RNG.uniform(0, 0.2, 12)

    assert statistics.holm(list(p)) == pytest.approx(multipletests(p, method="holm")[1], abs=1e-12)


def test_the_sign_flip_test_is_scipys_permutation_test():
    differences = RNG.normal(0.4, 1.0, 12)  # 2¹² flips: scipy counts them all

    exact = stats.permutation_test(
        (differences,), lambda x, axis: x.mean(axis=axis), permutation_type="samples", n_resamples=np.inf
    ).pvalue
    (ours,) = statistics.sign_flip_p(differences[:, None])

    assert ours == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / statistics.RESAMPLES))


def test_the_interval_of_a_mean_is_scipys_percentile_bootstrap_before_it_is_widened():
    values = RNG.gamma(2.0, 1.0, 60)

    theirs = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=20_000, rng=1).confidence_interval
    drawn = statistics.resampled_means(values[:, None], 20_000, 1)[:, 0]
    ours = np.quantile(drawn, [0.025, 0.975])
    (shown,) = statistics.mean_intervals(values[:, None])

    assert ours == pytest.approx([theirs.low, theirs.high], abs=0.02)
    assert shown.low < ours[0] < ours[1] < shown.high  # as far out as t and n − 1 ask
    t = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
    assert shown.high - shown.low == pytest.approx(t[1] - t[0], rel=0.03)


def test_the_clustered_error_is_that_of_statsmodels():
    rater, prompt = RNG.integers(15, size=300), RNG.integers(12, size=300)
    values = (RNG.random(300) < 0.6).astype(float)
    model = OLS(values, np.ones((300, 1))).fit()

    def g_over_g_minus_1(codes) -> float:
        n = len(np.unique(codes))
        return n / (n - 1)

    both, by_rater, by_prompt = cov_cluster_2groups(model, rater, prompt, use_correction=False)
    pairs = np.unique(np.stack([rater, prompt], 1), axis=0, return_inverse=True)[1].ravel()
    by_pair = float(by_rater[0, 0] + by_prompt[0, 0] - both[0, 0])
    expected = (
        float(by_rater[0, 0]) * g_over_g_minus_1(rater)
        + float(by_prompt[0, 0]) * g_over_g_minus_1(prompt)
        - by_pair * g_over_g_minus_1(pairs)
    )
    expected = max(expected, by_rater[0, 0] * g_over_g_minus_1(rater), by_prompt[0, 0] * g_over_g_minus_1(prompt))

    assert statistics.clustered_error(rater, prompt, values) ** 2 == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("share", [0.55, 0.6, 0.65, 0.7])
def test_votes_needed_reach_the_power_that_was_asked(share):
    needed = statistics.votes_needed(share)

    # By the exact binomial test: the continuity correction keeps what it promises, and asks for few more.
    def reached(n: int) -> float:
        low, high = stats.binom.ppf(0.025, n, 0.5) - 1, stats.binom.isf(0.025, n, 0.5) + 1
        return float(stats.binom.cdf(low, n, share) + stats.binom.sf(high - 1, n, share))

    assert reached(needed) == pytest.approx(0.8, abs=0.03)
    assert {0.55: 810, 0.6: 203, 0.65: 90, 0.7: 52}[share] == pytest.approx(needed, abs=8)


THEIRS = {"Pearson": stats.pearsonr, "Spearman": stats.spearmanr, "Kendall": stats.kendalltau}


@pytest.mark.parametrize("name", THEIRS)
def test_correlations_are_scipys(name):
    x = RNG.integers(0, 9, 80).astype(float)  # with ties
    y = 0.4 * x + RNG.normal(0, 3, 80)

    assert correlation.KINDS[name](x, y) == pytest.approx(THEIRS[name](x, y).statistic, abs=1e-12)


def test_pearsons_interval_lies_where_fishers_does():
    x = RNG.normal(size=200)
    y = 0.5 * x + RNG.normal(size=200)
    found = correlation.correlations(x, y, np.arange(200))[0]

    fisher = stats.pearsonr(x, y).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((fisher.low, fisher.high), abs=0.04)


def test_the_ceiling_is_the_reliability_that_the_votes_were_made_with():
    items, votes, spread = 400, 6, 1.0
    truth = RNG.normal(0, 1, items)
    values = np.repeat(truth, votes) + RNG.normal(0, spread, items * votes)

    found = correlation.ceiling(np.repeat(np.arange(items), votes), values)

    # Reliability of a mean of six: variance of the truth over that of the means (Spearman, Brown 1910).
    assert found.value == pytest.approx(1 / (1 + spread**2 / votes), abs=0.04)
    new = truth + RNG.normal(0, spread / np.sqrt(votes), items)
    attained = np.corrcoef(truth, new)[0, 1]
    assert correlation.attainable(found.value) == pytest.approx(attained, abs=0.04)


@pytest.mark.parametrize("scale", ["nominal", "ordinal", "interval"])
def test_alpha_from_votes_is_that_of_the_raters_table(scale):
    table = RNG.integers(1, 5, (6, 25)).astype(float)
    table[RNG.random((6, 25)) < 0.3] = np.nan  # not everybody judged everything
    rater, unit = np.nonzero(~np.isnan(table))
    found = agreement.alpha(unit, table[rater, unit], scale, resamples=20)

    assert found.alpha == pytest.approx(krippendorff.alpha(table, level_of_measurement=scale), abs=1e-12)


def test_alpha_of_krippendorffs_own_example():
    """Three coders, fifteen units, the example of his library's documentation: nominal .691, interval .811."""
    rows = (
        "* * * * * 3 4 1 2 1 1 3 3 * 3",
        "1 * 2 1 3 3 4 3 * * * * * * *",
        "* * 2 1 3 4 4 * 2 1 1 3 3 * 4",
    )
    said = [(unit, float(v)) for row in rows for unit, v in enumerate(row.split()) if v != "*"]
    units, values = (np.array(each) for each in zip(*said, strict=True))

    assert agreement.alpha(units, values, "nominal").alpha == pytest.approx(0.691, abs=0.0015)
    assert agreement.alpha(units, values, "interval").alpha == pytest.approx(0.811, abs=0.0015)


def votes(n: int, strengths: np.ndarray, nu: float):
    arms = len(strengths)
    first = RNG.integers(arms, size=n)
    second = (first + RNG.integers(1, arms, size=n)) % arms
    a, b = strengths[first], strengths[second]
    odds = np.exp(np.stack([a, b, (np.log(nu) if nu else -np.inf) + (a + b) / 2]))
    outcome = (RNG.random(n) > (odds / odds.sum(axis=0)).cumsum(axis=0)).sum(axis=0)
    return first, second, outcome


def test_strengths_without_ties_are_those_of_choix():
    first, second, outcome = votes(2_000, np.array([0.8, 0.2, -0.3, -0.7]), 0.0)
    won = [(int(a), int(b)) if o == 0 else (int(b), int(a)) for a, b, o in zip(first, second, outcome, strict=True)]

    ours = bradley_terry.strengths(first, second, outcome, first, second, 4).value

    assert ours == pytest.approx(choix.opt_pairwise(4, won), abs=1e-5)
    assert ours == pytest.approx(choix.ilsr_pairwise(4, won), abs=1e-5)


def test_strengths_with_ties_are_the_maximum_of_davidsons_likelihood():
    first, second, outcome = votes(1_500, np.array([0.6, 0.0, -0.6]), 0.5)

    def minus_likelihood(theta):
        a, b, nu = np.exp(theta[first]), np.exp(theta[second]), np.exp(theta[3])
        tie = nu * np.sqrt(a * b)
        return -np.log(np.choose(outcome, [a, b, tie]) / (a + b + tie)).sum()

    best = optimize.minimize(minus_likelihood, np.zeros(4), method="BFGS", options={"gtol": 1e-7}).x
    ours = bradley_terry.strengths(first, second, outcome, first, second, 3)

    assert ours.value == pytest.approx(best[:3] - best[:3].mean(), abs=1e-4)
    assert ours.nu == pytest.approx(np.exp(best[3]), abs=1e-3)
    assert ours.chance(0, 2) == pytest.approx(bradley_terry.share_of(ours.value[0] - ours.value[2], ours.nu))


def test_where_votes_share_nothing_the_interval_of_a_strength_is_that_of_the_information():
    """Every vote of its own rater and prompt: the sandwich is then the inverse information, as any GLM reports it."""
    first, second, outcome = votes(4_000, np.array([0.4, -0.4]), 0.0)
    alone = np.arange(len(first))
    found = bradley_terry.strengths(first, second, outcome, alone, alone, 2)

    share = (outcome == 0)[first == 0].sum() + (outcome == 1)[first == 1].sum()
    chance = share / len(first)
    error = np.sqrt(1 / (len(first) * chance * (1 - chance))) / 2  # of half the log-odds
    assert (found.high[0] - found.low[0]) / 2 == pytest.approx(1.96 * error, rel=0.02)


def test_power_over_prompts_is_that_of_statsmodels():
    gain, spread, prompts = 2.0, 8.5, 82
    ours = power.gain_power(gain, between=spread, within=0, prompts=prompts, takes=1)

    assert ours == pytest.approx(TTestPower().power(gain / spread, prompts, 0.05), abs=1e-6)
    wanted = TTestPower().solve_power(gain / spread, alpha=0.05, power=0.8)
    assert power.prompts_for_gain(gain, between=spread, within=0, takes=1) == pytest.approx(wanted, abs=1)


def test_power_of_votes_that_share_nothing_is_that_of_a_proportion():
    share, n = 0.6, 203
    # As a one-sample z test with the spread of the alternative.
    effect = (share - 0.5) / np.sqrt(share * (1 - share))
    plain = NormalIndPower(ddof=0).power(effect, n, 0.05, ratio=0)

    assert power.independent_power(share, n) == pytest.approx(plain, abs=0.02)
    crowd = power.Crowd(rater=0.0, prompt=0.0, margin=0.0)
    simulated = power.preference_power(
        share, prompts=203, votes_per_trial=1, trials_per_session=1, crowd=crowd, studies=4_000
    )
    assert simulated.value == pytest.approx(power.independent_power(share, n), abs=0.03)


def test_fidelity_is_sacrebleus_own():
    prompt, rewrite = "sad church music", "sad church music, organ, slow tempo, echoing hall"
    found = fidelity(prompt, rewrite)

    assert found.bleu == pytest.approx(sentence_bleu(rewrite, [prompt], use_effective_order=True).score, abs=1e-9)
    assert found.chrf == pytest.approx(sentence_chrf(rewrite, [prompt]).score, abs=1e-9)
    long = "a slow sad organ piece played in a large echoing church hall"
    assert fidelity(long, long[:40]).bleu == pytest.approx(corpus_bleu([long[:40]], [[long]]).score, abs=1e-9)
