"""How a judge's agreement with held-out votes grows with the votes that it learns from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from inference.judging.checking import Material
from inference.judging.evidence import Evidence
from inference.judging.fitting import Strength
from inference.judging.learning import PLAIN, learn
from inference.judging.measuring import correlation, leaning

SIZES = (20, 40, 80, 120, 160, 200, 240, 300, 400, 600, 1_000)
DRAWS, SEED = 4, 1
# Each point is twenty trainings: fewer strengths are tried than for a judge that is kept.
TRIED = (PLAIN, Strength(0.0, 4.0), Strength(3.0, 0.0), Strength(3.0, 4.0), Strength(10.0, 12.0))


@dataclass(frozen=True)
class Point:
    """votes: that each head learned from. value: mean correlation with all held-out votes over `draws` draws of them;
    low, high: the least and the greatest."""

    votes: int
    value: float
    low: float
    high: float
    draws: int


def course(material: Material, sizes: Sequence[int] = SIZES, draws: int = DRAWS, seed: int = SEED) -> list[Point]:
    """As far as every fold's other folds have votes, the last point with all of these. No head sees its fold's
    prompts."""
    total = material.seen.votes.sum(1)
    most = min((int(total[material.fold != fold].sum()) for fold in material.folds), default=0)
    wanted = [size for size in sizes if size < most] + ([most] if most else [])
    return [_point(material, size, 1 if size == most else draws, seed) for size in wanted]


def _point(material: Material, size: int, draws: int, seed: int) -> Point:
    found = [_agreement(material, size, np.random.default_rng([seed, size, draw])) for draw in range(draws)]
    known = [each for each in found if not np.isnan(each)] or [float("nan")]
    return Point(size, float(np.mean(known)), min(known), max(known), draws)


def _agreement(material: Material, size: int, chance: np.random.Generator) -> float:
    told = np.zeros(len(material))
    for fold in material.folds:
        mine = material.fold == fold
        sides, seen = material.of(np.flatnonzero(~mine))
        fewer = drawn(seen, size, chance)
        rows = np.flatnonzero((fewer.votes.sum(1) > 0) | (fewer.precision > 0))
        head = learn([each.of(rows) for each in sides], fewer.of(rows), TRIED).head
        told[mine] = 2 * head.chances(material.of(np.flatnonzero(mine))[0]) - 1
    voted = material.seen.votes.sum(1) > 0
    return correlation(told[voted], leaning(material.seen.votes[voted]))


def drawn(seen: Evidence, size: int, chance: np.random.Generator) -> Evidence:
    """`size` of the votes, and of what was rated the same share of its weight."""
    counts = seen.votes.astype(int)
    pair, outcome = np.array(list(_each(counts)), int).reshape(-1, 2).T
    kept = chance.permutation(len(pair))[:size]
    votes = np.zeros(counts.shape)
    np.add.at(votes, (pair[kept], outcome[kept]), 1)
    return Evidence(votes, seen.leads, seen.precision * (len(kept) / max(len(pair), 1)))


def _each(counts: np.ndarray) -> Iterator[tuple[int, int]]:
    for pair, outcome in zip(*np.nonzero(counts), strict=True):
        yield from [(pair, outcome)] * counts[pair, outcome]
