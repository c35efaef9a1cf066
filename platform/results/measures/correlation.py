"""How well a score goes with what people said, and how well it could: the human ceiling beside it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import kendalltau, rankdata

RESAMPLES, SEED, SPLITS = 1_000, 1, 200
LEAST = 4  # items: fewer lie on a line too easily


@dataclass(frozen=True)
class Correlation:
    """value in −1..1; low, high: 95 % interval over prompts, NaN where it has none; n: items."""

    name: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Ceiling:
    """value: what the means of as many votes would correlate with new ones; None with the reason why not."""

    value: float | None
    reason: str = ""
    n: int = 0


def pearson(x: np.ndarray, y: np.ndarray) -> float:
    """[n], [n] → −1..1; NaN where one of them does not vary."""
    x, y = x - x.mean(), y - y.mean()
    spread = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / spread if spread > 0 else math.nan


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    return pearson(rankdata(x), rankdata(y))


def kendall(x: np.ndarray, y: np.ndarray) -> float:
    """τ-b, which allows for ties."""
    return float(kendalltau(x, y).statistic)


KINDS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "Pearson": pearson,
    "Spearman": spearman,
    "Kendall": kendall,
}


def correlations(
    x: np.ndarray, y: np.ndarray, prompts: np.ndarray, *, resamples: int = RESAMPLES, seed: int = SEED
) -> list[Correlation]:
    """Of two values an item; items of one prompt are drawn together. Empty where there are too few, or nothing varies.

    x, y: [items]; prompts: ids, [items].
    """
    if len(x) < LEAST or np.ptp(x) == 0 or np.ptp(y) == 0:
        return []
    draws = list(_draws(prompts, resamples, seed))
    return [_with_interval(name, measure, x, y, draws) for name, measure in KINDS.items()]


def _with_interval(name: str, measure: Callable, x: np.ndarray, y: np.ndarray, draws: list[np.ndarray]) -> Correlation:
    drawn = np.array([measure(x[rows], y[rows]) for rows in draws])
    drawn = drawn[~np.isnan(drawn)]
    low, high = np.quantile(drawn, [0.025, 0.975]) if len(drawn) > 1 else (math.nan, math.nan)
    return Correlation(name, measure(x, y), float(low), float(high), len(x))


def _draws(prompts: np.ndarray, resamples: int, seed: int):
    """Rows of the items of as many prompts as there are, drawn with replacement."""
    groups = np.unique(prompts, return_inverse=True)[1]
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    if len(members) < 2:
        return
    rng = np.random.default_rng(seed)
    for _ in range(resamples):
        yield np.concatenate([members[g] for g in rng.integers(len(members), size=len(members))])


def ceiling(items: np.ndarray, values: np.ndarray, *, splits: int = SPLITS, seed: int = SEED) -> Ceiling:
    """Split-half reliability of the items' means: the votes of each item are halved at random, the halves' means
    correlated, stepped up to the full number of votes (Spearman, Brown 1910), and averaged over many halvings.

    items: ids, values: what each vote said, both [votes]. No scorer agrees with people's means better than about the
    square root of this.
    """
    groups, size = np.unique(items, return_inverse=True)[1], None
    size = np.bincount(groups)
    usable = size >= 2
    if usable.sum() < LEAST:
        return Ceiling(None, f"fewer than {LEAST} items have two votes", int(usable.sum()))
    rng = np.random.default_rng(seed)
    found = [_halved(groups, values, usable, rng) for _ in range(splits)]
    known = [each for each in found if not math.isnan(each)]
    if not known:
        return Ceiling(None, "the votes do not differ", int(usable.sum()))
    half = float(np.mean(known))
    if half <= 0:
        return Ceiling(None, "the halves of the votes do not agree: more votes an item are needed", int(usable.sum()))
    return Ceiling(2 * half / (1 + half), n=int(usable.sum()))


def _halved(groups: np.ndarray, values: np.ndarray, usable: np.ndarray, rng: np.random.Generator) -> float:
    shuffled = rng.permutation(len(groups))
    order = shuffled[np.argsort(groups[shuffled], kind="stable")]
    place = np.arange(len(order)) - np.concatenate([[0], np.cumsum(np.bincount(groups))])[groups[order]]
    side = place % 2
    means = []
    for half in (0, 1):
        mine = order[side == half]
        total, count = (
            np.bincount(groups[mine], values[mine], len(usable)),
            np.bincount(groups[mine], None, len(usable)),
        )
        means.append(total[usable] / count[usable])
    return pearson(*means)


def attainable(reliability: float) -> float:
    """The highest correlation with means of such reliability: its square root (Spearman 1904)."""
    return math.sqrt(max(reliability, 0.0))
