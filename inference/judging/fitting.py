"""How far votes move the utilities of clips from plain CLAP: a Gaussian process over pairs.

The utility of a clip with embedding a for a prompt with embedding t is, of each scorer,

    u(t, a) = s · (t · a)  +  w · a  +  Σ_p (t_p · t) (m_p · a)

plain CLAP at a scale s of its own; a taste w for sounds, whatever was asked for; and m_p, what the votes on prompt p
taught, lent to other prompts as far as their texts are alike. w and m are linear in a with Gaussian priors about zero:
without votes the judge is plain CLAP. Votes are Bradley–Terry's (evidence.py). The mode is found by Newton's method and
the posterior approximated around it after Laplace (Rasmussen and Williams 2006, algorithm 3.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from inference.judging import evidence
from inference.judging.evidence import Evidence
from inference.judging.sides import Sides, Units

SCALE = 1.0  # prior mean of s, in logits a typical difference of plain CLAP
LOOSE = 4.0  # prior variance of s: votes decide it soon
STEPS, ENOUGH = 100, 1e-6


@dataclass(frozen=True)
class Strength:
    """Prior variances, in squared logits a typical pair. taste: of what sounds please; prompts: of what votes on one
    prompt say of it. Both zero: plain CLAP at a scale that is fitted."""

    taste: float = 0.0
    prompts: float = 0.0


def covariance(a: Sequence[Sides], b: Sequence[Sides], per: Sequence[Units], strength: Strength) -> np.ndarray:
    """[pairs of a, pairs of b]: prior covariance of the differences. a, b, per: one entry a scorer."""
    total = np.zeros((len(a[0]), len(b[0])))
    for mine, theirs, unit in zip(a, b, per, strict=True):
        alike = mine.apart @ theirs.apart.T / unit.apart
        total += LOOSE * np.outer(mine.clap, theirs.clap) / unit.clap**2
        total += alike * (strength.taste + strength.prompts * (mine.texts @ theirs.texts.T))
    return total / len(per)


def prior_mean(sides: Sequence[Sides], per: Sequence[Units]) -> np.ndarray:
    """[pairs]: what plain CLAP says before anybody has voted."""
    return SCALE * np.mean([each.clap / unit.clap for each, unit in zip(sides, per, strict=True)], axis=0)


@dataclass(frozen=True)
class Fit:
    """d: [pairs] at the mode; weights: [pairs]: d is the prior mean plus covariance times weights. curve: [pairs], how
    sharply votes say so. log_nu: of ties. log_evidence: of the votes under this prior, after Laplace."""

    d: np.ndarray
    weights: np.ndarray
    curve: np.ndarray
    log_nu: float
    log_evidence: float


def fit(prior: np.ndarray, mean: np.ndarray, seen: Evidence) -> Fit:
    """prior: [pairs, pairs]; mean: [pairs]."""
    weights, d, log_nu = np.zeros(len(mean)), mean.copy(), -np.inf
    for _ in range(STEPS):
        log_nu = evidence.tie_odds(d, seen, log_nu)
        slope, curve = evidence.slope_and_curve(d, seen, log_nu)
        root = np.sqrt(curve)
        pull = curve * (d - mean) + slope
        weights = pull - root * cho_solve((_inner(prior, root), True), root * (prior @ pull))
        moved = prior @ weights + mean - d
        d = d + moved
        if np.abs(moved).max(initial=0.0) < ENOUGH:
            break
    _, curve = evidence.slope_and_curve(d, seen, log_nu)
    spread = np.log(np.diag(_inner(prior, np.sqrt(curve)))).sum()
    told = evidence.log_likelihood(d, seen, log_nu).sum() - weights @ (d - mean) / 2 - spread
    return Fit(d, weights, curve, log_nu, float(told))


def _inner(prior: np.ndarray, root: np.ndarray) -> np.ndarray:
    """[pairs, pairs], lower: Cholesky's factor of 1 + √W K √W."""
    return cho_factor(np.eye(len(root)) + root[:, None] * prior * root, lower=True)[0]


def variance(found: Fit, prior: np.ndarray, across: np.ndarray, own: np.ndarray) -> np.ndarray:
    """[others]: posterior variance of other pairs' differences. prior: [pairs, pairs] of those that were fitted;
    across: [pairs, others]; own: [others], their prior variance."""
    root = np.sqrt(found.curve)
    seen = solve_triangular(_inner(prior, root), root[:, None] * across, lower=True)
    return np.maximum(own - (seen**2).sum(0), 0.0)
