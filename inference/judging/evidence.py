"""What was said of pairs of clips, and how likely it is under a difference in utility. Pure.

A vote on a pair is Bradley and Terry's with ties as Davidson (1970) has them, d the difference of the utilities:

    P(first) : P(second) : P(tie) = exp(d/2) : exp(−d/2) : ν

A scale answer is z-scored within its listener; the difference of two clips' means is then Gaussian about d.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Ties = float | np.ndarray  # log ν of all pairs, or of each
SIDES = np.array([0.5, -0.5, 0.0])  # of d in the exponent: first, second, tie


@dataclass(frozen=True)
class Evidence:
    """Of pairs of clips; one row a pair.

    votes: [pairs, 3], how many preferred the first, the second, neither. leads: [pairs], by how much the first was
    rated higher, in logits; precision: [pairs], of a lead, 0 where nobody rated.
    """

    votes: np.ndarray
    leads: np.ndarray
    precision: np.ndarray

    def __len__(self) -> int:
        return len(self.votes)

    def of(self, rows: np.ndarray) -> Evidence:
        return Evidence(self.votes[rows], self.leads[rows], self.precision[rows])

    @property
    def tied(self) -> bool:
        return bool(self.votes[:, 2].any())


def preferences(votes: np.ndarray) -> Evidence:
    """votes: [pairs, 3]; nobody rated on a scale."""
    none = np.zeros(len(votes))
    return Evidence(np.asarray(votes, float), none, none)


def log_chances(d: np.ndarray, log_nu: Ties) -> np.ndarray:
    """[pairs, 3]: log of the chance that the first, the second, neither is preferred. log_nu −∞: no ties."""
    half = np.abs(d) / 2  # the larger of the two exponents, so that nothing overflows
    total = half + np.log1p(np.exp(-2 * half) + np.exp(log_nu - half))
    return np.stack([d / 2 - total, -d / 2 - total, log_nu - total], axis=1)


def chance(d: np.ndarray, log_nu: Ties) -> np.ndarray:
    """[pairs]: that the first is preferred, a tie counting half."""
    chances = np.exp(log_chances(d, log_nu))
    return chances[:, 0] + chances[:, 2] / 2


def log_likelihood(d: np.ndarray, seen: Evidence, log_nu: Ties) -> np.ndarray:
    """[pairs], without the constants that no d moves."""
    logs = log_chances(d, log_nu)
    told = np.where(seen.votes > 0, seen.votes * np.where(np.isinf(logs), 0.0, logs), 0.0).sum(1)
    return told - seen.precision * (d - seen.leads) ** 2 / 2


def slope_and_curve(d: np.ndarray, seen: Evidence, log_nu: Ties) -> tuple[np.ndarray, np.ndarray]:
    """First derivative, and minus the second, by d; each [pairs]."""
    chances, total = np.exp(log_chances(d, log_nu)), seen.votes.sum(1)
    mean = chances @ SIDES
    slope = seen.votes @ SIDES - total * mean - seen.precision * (d - seen.leads)
    return slope, total * (chances @ SIDES**2 - mean**2) + seen.precision


def tie_odds(d: np.ndarray, seen: Evidence, log_nu: float) -> float:
    """log ν after one step of Newton's towards the likelihood's maximum, d held; −∞ where there are no ties."""
    if not seen.tied:
        return -np.inf
    if np.isinf(log_nu):
        log_nu = 0.0
    tied, total = np.exp(log_chances(d, log_nu))[:, 2], seen.votes.sum(1)
    step = (seen.votes[:, 2].sum() - total @ tied) / max(float(total @ (tied * (1 - tied))), 1e-9)
    return log_nu + float(np.clip(step, -1, 1))
