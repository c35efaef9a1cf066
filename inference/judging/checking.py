"""How well a judge does on votes of prompts that it has not learned from, beside plain CLAP on the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize_scalar

from inference.judging import evidence
from inference.judging.evidence import Evidence
from inference.judging.learning import PLAIN, STRENGTHS, Head, Strength, learn
from inference.judging.sides import Sides

FIRM = 0.5  # prior standard deviation of the logarithm by which chances are made surer or less sure (ours)
WIDEST = 3.0


@dataclass(frozen=True)
class Material:
    """What there is to learn from: pairs as each scorer hears them, what was said of them, and which are held out
    together. prompt, fold: [pairs]."""

    sides: tuple[Sides, ...]
    seen: Evidence
    prompt: np.ndarray
    fold: np.ndarray

    def __len__(self) -> int:
        return len(self.seen)

    @property
    def folds(self) -> range:
        return range(int(self.fold.max(initial=-1)) + 1)

    def of(self, rows: np.ndarray) -> tuple[list[Sides], Evidence]:
        return [each.of(rows) for each in self.sides], self.seen.of(rows)


@dataclass(frozen=True)
class Held:
    """Predictions of held-out pairs by heads that never saw their prompts. heads: by fold; d: [pairs], calibrated by
    the other folds; log_nu: [pairs]. sure: the calibration of a head that learned from all of them."""

    heads: tuple[Head, ...]
    d: np.ndarray
    log_nu: np.ndarray
    sure: float

    @property
    def foretold(self) -> np.ndarray:
        """[pairs]: expected outcome, 1 the first, −1 the second."""
        return 2 * self.chances - 1

    @property
    def chances(self) -> np.ndarray:
        """[pairs]: that the first clip is preferred, a tie counting half."""
        return evidence.chance(self.d, self.log_nu)


def held_out(material: Material, strengths: Sequence[Strength] = STRENGTHS) -> Held:
    """Each fold by a head learned from the others. Strength and calibration, too, are chosen without the fold."""
    d, log_nu, heads = np.zeros(len(material)), np.zeros(len(material)), []
    for fold in material.folds:
        mine = material.fold == fold
        head = learn(*material.of(np.flatnonzero(~mine)), strengths).head
        d[mine], log_nu[mine] = head.differences(material.of(np.flatnonzero(mine))[0]), head.log_nu
        heads.append(head)
    sure = [_sureness(d, material.seen, log_nu, material.fold != fold) for fold in material.folds]
    told = tuple(replace(head, sure=factor) for head, factor in zip(heads, sure, strict=True))
    return Held(
        told, d * np.array(sure)[material.fold], log_nu, _sureness(d, material.seen, log_nu, material.fold >= 0)
    )


def plain(material: Material) -> Held:
    """The same of plain CLAP: its scale and its ties are fitted to the other folds' votes, nothing else is."""
    return held_out(material, [PLAIN])


def _sureness(d: np.ndarray, seen: Evidence, log_nu: np.ndarray, rows: np.ndarray) -> float:
    """The factor of d under which these rows' votes are likeliest, with a prior that it is about 1."""

    def cost(log_factor: float) -> float:
        told = evidence.log_likelihood(np.exp(log_factor) * d[rows], seen.of(rows), log_nu[rows])
        return log_factor**2 / (2 * FIRM**2) - float(told.sum())

    return float(np.exp(minimize_scalar(cost, bounds=(-WIDEST, WIDEST), method="bounded").x))
