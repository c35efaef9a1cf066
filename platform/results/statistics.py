"""Intervals, tests and corrections. Pure NumPy: arrays in, numbers out; no Django.

Prompts are the unit: every arm is measured on the same prompts, so whole prompts are resampled. Votes are
resampled over raters and prompts together, because both of them come back in several votes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

RESAMPLES = 10_000
VOTE_RESAMPLES = 2_000  # of votes, whose spread is known beforehand: only the shape is drawn
SEED = 1
LEVEL = 0.95
_BLOCK = 4_000_000  # numbers held at once while resampling: 32 MB


class Estimate(NamedTuple):
    """A value, its interval in the value's own unit (NaN where it has none), and how many units it rests on."""

    value: float
    low: float
    high: float
    n: int

    @property
    def interval(self) -> list[float] | None:
        return None if math.isnan(self.low) else [self.low, self.high]


def mean_intervals(
    columns: np.ndarray, *, resamples: int = RESAMPLES, seed: int = SEED, level: float = LEVEL
) -> list[Estimate | None]:
    """The mean of each column with its bootstrap interval over rows.

    columns: [prompts, k], NaN where a prompt has no value. A column is resampled over the prompts it has; columns
    that have the same prompts share their resamples. A paired difference is a column of differences.
    One value alone has no spread, so no interval; a column without any value is None.
    """

    def estimates(values: np.ndarray) -> list[Estimate]:
        n, means = len(values), values.mean(axis=0)
        if n < 2:
            return [Estimate(float(mean), math.nan, math.nan, n) for mean in means]
        low, high = np.quantile(resampled_means(values, resamples, seed), _tails(n, level), axis=0)
        return [Estimate(float(m), float(a), float(b), n) for m, a, b in zip(means, low, high, strict=True)]

    return _by_rows_present(columns, estimates)


def relative_intervals(
    gains: np.ndarray, bases: np.ndarray, *, resamples: int = RESAMPLES, seed: int = SEED, level: float = LEVEL
) -> list[Estimate | None]:
    """The mean gain of each column as a share of the mean base, with its bootstrap interval over rows.

    gains, bases: [prompts, k], NaN where a prompt has no value. Both means are of the same draws. None where the base's
    mean is not above zero, as a cosine's may be; no interval where some draw's is not.
    """
    both = np.where(np.isnan(gains) | np.isnan(bases), np.nan, [gains, bases])

    def estimates(values: np.ndarray) -> list[Estimate | None]:
        n, k = len(values), values.shape[1] // 2
        means = values.mean(axis=0)
        drawn = resampled_means(values, resamples, seed) if n > 1 else np.full((1, 2 * k), np.nan)
        found = [_ratio(means[[i, k + i]], drawn[:, [i, k + i]], n, level) for i in range(k)]
        return [*found, *found]

    return _by_rows_present(np.concatenate(both, axis=1), estimates)[: gains.shape[1]]


def _ratio(means: np.ndarray, drawn: np.ndarray, n: int, level: float) -> Estimate | None:
    if means[1] <= 0:
        return None
    value = float(means[0] / means[1])
    if not (drawn[:, 1] > 0).all():
        return Estimate(value, math.nan, math.nan, n)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], _tails(n, level))
    return Estimate(value, float(low), float(high), n)


def sign_flip_p(columns: np.ndarray, *, resamples: int = RESAMPLES, seed: int = SEED) -> list[float | None]:
    """Two-sided p of each column of paired differences against "either arm could have had either value".

    columns: [prompts, k], NaN where a prompt has no pair. Fisher–Pitman test by random signs, counting the observed
    one, so that p ≥ 1 / (resamples + 1).
    """

    def p_values(values: np.ndarray) -> list[float]:
        rng, n = np.random.default_rng(seed), len(values)
        observed = np.abs(values.sum(axis=0)) * (1 - 1e-12)  # equal sums must not differ by rounding
        as_far = sum(
            (np.abs(rng.choice([-1.0, 1.0], size=(size, n)) @ values) >= observed).sum(axis=0)
            for size in _blocks(n, resamples)
        )
        return [float(p) for p in (1 + as_far) / (1 + resamples)]

    return _by_rows_present(columns, p_values)


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down adjustment (1979): each p times how many are not yet rejected, never falling, at most 1.

    Places without a p stay None and do not count.
    """
    adjusted: list[float | None] = [None] * len(p_values)
    ordered = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    worst = 0.0
    for rank, (p, i) in enumerate(ordered):
        worst = adjusted[i] = max(worst, min(1.0, p * (len(ordered) - rank)))
    return adjusted


def preference_share(
    raters: np.ndarray,
    prompts: np.ndarray,
    values: np.ndarray,
    *,
    resamples: int = VOTE_RESAMPLES,
    seed: int = SEED,
    level: float = LEVEL,
) -> Estimate | None:
    """Share of votes for one arm of a pair, a tie counting half, with its interval; n is the number of votes.

    raters, prompts: ids, [votes]; values: 1, 0.5 or 0, [votes]. Raters and prompts are both drawn with replacement,
    a vote weighing the product of its two counts (Owen 2007, "the pigeonhole bootstrap"). That alone is up to
    sqrt(3) too wide where votes are sparse, so its spread is brought to the two-way clustered standard error
    (Cameron, Gelbach, Miller 2011). None without votes; no interval with fewer than two raters or prompts.
    """
    if not len(values):
        return None
    (_, rater), (_, prompt) = (np.unique(ids, return_inverse=True) for ids in (raters, prompts))
    shape = (rater.max() + 1, prompt.max() + 1)
    share, clusters = float(np.mean(values)), min(shape)
    if clusters < 2:
        return Estimate(share, math.nan, math.nan, len(values))
    error = clustered_error(rater, prompt, values)
    if not error:
        return Estimate(share, *unanimous(share, clusters, level), len(values))
    shares = _pigeonhole(rater, prompt, np.asarray(values, float), shape, resamples, seed)
    low, high = share + error / shares.std() * (np.quantile(shares, _t_tails(clusters, level)) - share)
    return Estimate(share, max(0.0, float(low)), min(1.0, float(high)), len(values))


def bounded_mean(raters: np.ndarray, prompts: np.ndarray, values: np.ndarray, low: float, high: float) -> Estimate:
    """Mean of ratings on a scale from low to high, with its interval, as `preference_share` has it.

    raters, prompts: ids, [ratings]; values: [ratings], at least one.
    """
    share = preference_share(raters, prompts, (np.asarray(values, float) - low) / (high - low))
    if share is None:
        raise ValueError("A mean needs at least one rating.")
    value, lower, upper = (low + (high - low) * each for each in share[:3])
    return Estimate(value, lower, upper, share.n)


def clustered_error(rater: np.ndarray, prompt: np.ndarray, values: np.ndarray) -> float:
    """Standard error of the mean of votes that share raters and prompts; codes from 0, [votes].

    Variance by raters + by prompts − by both, never less than either (Cameron, Gelbach, Miller 2011, eq. 2.13).
    """
    rest = np.asarray(values, float) - np.mean(values)
    both = rater * (int(prompt.max()) + 1) + prompt
    by_rater, by_prompt, by_both = (_cluster_variance(codes, rest) for codes in (rater, prompt, both))
    return math.sqrt(max(by_rater + by_prompt - by_both, by_rater, by_prompt))


def votes_needed(share: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """Independent votes that tell `share` from one half: two-sided test of a proportion, continuity corrected
    (Fleiss, Levin, Paik 2003, section 2.5)."""
    gap = abs(share - 0.5)
    if not gap:
        raise ValueError("No number of votes tells one half from one half.")
    z = -float(ndtri(alpha / 2)) * 0.5 - float(ndtri(1 - power)) * math.sqrt(share * (1 - share))
    plain = (z / gap) ** 2
    return math.ceil(plain / 4 * (1 + math.sqrt(1 + 2 / (plain * gap))) ** 2)


def resampled_means(values: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """Means of `resamples` draws of n rows with replacement: [n, k] -> [resamples, k]."""
    rng, n = np.random.default_rng(seed), len(values)
    return np.concatenate([draw_counts(rng, size, n) @ values / n for size in _blocks(n, resamples)])


def draw_counts(rng: np.random.Generator, resamples: int, n: int) -> np.ndarray:
    """How often each of n units is drawn in each resample of n: [resamples, n], every row sums to n."""
    drawn = rng.integers(n, size=(resamples, n)) + n * np.arange(resamples)[:, None]
    return np.bincount(drawn.ravel(), minlength=resamples * n).reshape(resamples, n).astype(float)


def _blocks(n: int, resamples: int) -> Iterator[int]:
    block = max(1, _BLOCK // n)
    return (min(block, resamples - start) for start in range(0, resamples, block))


def _by_rows_present(columns: np.ndarray, compute: Callable[[np.ndarray], list]) -> list:
    """Applies `compute` ([rows, k] without NaN -> k results) to each set of columns that have the same rows."""
    columns = np.asarray(columns, float)
    present = ~np.isnan(columns)
    results: list = [None] * columns.shape[1]
    for rows in {mask.tobytes(): mask for mask in present.T if mask.any()}.values():
        alike = np.flatnonzero((present == rows[:, None]).all(axis=0))
        for i, result in zip(alike, compute(columns[rows][:, alike]), strict=True):
            results[i] = result
    return results


def _tails(n: int, level: float) -> tuple[float, float]:
    """The quantiles of a percentile interval, expanded for small n.

    The plain percentile interval is too narrow by sqrt((n−1)/n) and by z in place of t; these quantiles lie further
    out by just that (Hesterberg 2015, The American Statistician 69(4), "expanded percentile").
    """
    tail = float(ndtr(-math.sqrt(n / (n - 1)) * stdtrit(n - 1, (1 + level) / 2)))
    return tail, 1 - tail


def _t_tails(clusters: int, level: float) -> tuple[float, float]:
    """The quantiles at which draws whose spread is the standard error reach as far as t does."""
    tail = float(ndtr(-stdtrit(clusters - 1, (1 + level) / 2)))
    return tail, 1 - tail


def _pigeonhole(rater, prompt, values, shape: tuple[int, int], resamples: int, seed: int) -> np.ndarray:
    """Shares of resampled votes, [≤ resamples]: a draw that holds no vote is left out."""
    total, count = np.zeros(shape), np.zeros(shape)  # [raters, prompts]
    np.add.at(total, (rater, prompt), values)
    np.add.at(count, (rater, prompt), 1)
    rng = np.random.default_rng(seed)
    by_rater, by_prompt = (draw_counts(rng, resamples, n) for n in shape)
    votes = ((by_rater @ count) * by_prompt).sum(axis=1)
    held = votes > 0
    return ((by_rater @ total) * by_prompt).sum(axis=1)[held] / votes[held]


def _cluster_variance(codes: np.ndarray, rest: np.ndarray) -> float:
    sums = np.bincount(np.unique(codes, return_inverse=True)[1], rest)
    return float((sums**2).sum() / len(rest) ** 2 * len(sums) / (len(sums) - 1))


def unanimous(share: float, clusters: int, level: float) -> tuple[float, float]:
    """Where all votes agree nothing varies, yet little is known: the exact limit for so many equal clusters."""
    certain = ((1 - level) / 2) ** (1 / clusters)
    return share * certain, share * certain + 1 - certain
