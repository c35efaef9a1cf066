"""Strengths of arms from votes on pairs, ties included: the Bradley–Terry model as Davidson (1970) extended it.

    P(i) : P(j) : P(tie) = exp(s_i) : exp(s_j) : ν·exp((s_i + s_j) / 2)

A multinomial logit that is concave in s and log ν, so Newton's method finds the one maximum. Its covariance is the
sandwich with votes clustered by raters and by prompts (Cameron, Gelbach, Miller 2011), as everywhere else here:
deterministic, and it covers as the resampled one does at a thousandth of the work.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.special import expit, stdtrit

FIRST, SECOND, TIE = 0, 1, 2
PENALTY = 0.5  # votes added each way to every pair that was compared, where an arm never loses: else it has no bound
STEPS, ENOUGH = 100, 1e-10


@dataclass(frozen=True)
class Strengths:
    """value: log-strengths that sum to zero, [arms]; low, high: their 95 % interval, NaN where it has none.

    nu: ties: 0 without any. bounded: False where some arm has only won or only lost against the others, so that a
    penalty, not the votes, keeps its strength finite. votes: how many were counted.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    nu: float
    bounded: bool
    votes: int

    def chance(self, i: int, j: int) -> float:
        """That i is preferred to j, a tie counting half."""
        a, b = self.value[i], self.value[j]
        tie = self.nu * math.exp((a + b) / 2)
        total = math.exp(a) + math.exp(b) + tie
        return (math.exp(a) + tie / 2) / total


class NotConnected(ValueError):  # noqa: N818 (it is an answer, not a failure)
    """groups: indices of arms that were compared with each other; between groups nothing is known."""

    def __init__(self, groups: list[list[int]]) -> None:
        super().__init__("Some arms were never compared, even by way of others.")
        self.groups = groups


def counts(first: np.ndarray, second: np.ndarray, outcome: np.ndarray, arms: int) -> tuple[np.ndarray, np.ndarray]:
    """Wins [i, j]: how often i was preferred to j; ties [i, j], symmetric. first, second, outcome: [votes]."""
    wins, ties = np.zeros((arms, arms)), np.zeros((arms, arms))
    won, lost = outcome == FIRST, outcome == SECOND
    np.add.at(wins, (first[won], second[won]), 1)
    np.add.at(wins, (second[lost], first[lost]), 1)
    tied = outcome == TIE
    np.add.at(ties, (first[tied], second[tied]), 1)
    return wins, ties + ties.T


def strengths(
    first: np.ndarray,
    second: np.ndarray,
    outcome: np.ndarray,
    raters: np.ndarray,
    prompts: np.ndarray,
    arms: int,
    level: float = 0.95,
) -> Strengths:
    """first, second: arms as 0 … arms−1; outcome: FIRST, SECOND or TIE; raters, prompts: ids; all of them [votes].

    Raises NotConnected where the comparisons fall apart.
    """
    wins, ties = counts(first, second, outcome, arms)
    _connected(wins + wins.T + ties)
    bounded = connected_components(csr_matrix(wins + ties), connection="strong")[0] == 1
    tied = bool(ties.any())
    theta = _fit(wins if bounded else wins + PENALTY * ((wins + wins.T + ties) > 0), ties, tied)
    value, nu = theta[:arms], math.exp(theta[arms]) if tied else 0.0
    variances = _variances(theta, first, second, outcome, raters, prompts, arms, tied)
    df = min(len(np.unique(raters)), len(np.unique(prompts))) - 1
    if df < 1:
        none = np.full(arms, np.nan)
        return Strengths(value, none, none, nu, bounded, len(first))
    reach = stdtrit(df, (1 + level) / 2) * np.sqrt(np.clip(variances[:arms], 0, None))
    return Strengths(value, value - reach, value + reach, nu, bounded, len(first))


def _connected(met: np.ndarray) -> None:
    n, label = connected_components(csr_matrix(met), directed=False)
    if n > 1:
        raise NotConnected([np.flatnonzero(label == group).tolist() for group in range(n)])


def _fit(wins: np.ndarray, ties: np.ndarray, tied: bool) -> np.ndarray:
    """[s_1 … s_K, log ν] at the maximum, the strengths summing to zero. Newton with halved steps."""
    arms = len(wins)
    i, j = np.triu_indices(arms, 1)
    seen = np.stack([wins[i, j], wins[j, i], ties[i, j]], axis=1)  # [pairs, 3]
    i, j, seen = (each[seen.sum(axis=1) > 0] for each in (i, j, seen))
    design = _design(i, j, arms)
    theta = np.zeros(arms + 1)
    free = np.arange(arms + 1) if tied else np.arange(arms)
    if not tied:
        theta[arms] = -np.inf
    value = _likelihood(theta, design, seen)
    for _ in range(STEPS):
        gradient, hessian = _derivatives(theta, design, seen)
        # Strengths are known up to a constant: the step of least length leaves their sum where it was.
        step = np.zeros(arms + 1)
        step[free] = np.linalg.lstsq(hessian[np.ix_(free, free)], gradient[free], rcond=None)[0]
        size = 1.0
        while (found := _likelihood(theta + size * step, design, seen)) < value - 1e-12 and size > 1e-8:
            size /= 2
        theta, moved = theta + size * step, np.abs(size * step[free]).max()
        value = found
        if moved < ENOUGH:
            break
    theta[:arms] -= theta[:arms].mean()
    return theta


def _design(i: np.ndarray, j: np.ndarray, arms: int) -> np.ndarray:
    """Utilities of the three answers as linear functions of theta: [rows, 3, arms + 1]."""
    rows = np.arange(len(i))
    design = np.zeros((len(i), 3, arms + 1))
    design[rows, FIRST, i] = design[rows, SECOND, j] = 1.0
    design[rows, TIE, i] += 0.5
    design[rows, TIE, j] += 0.5
    design[rows, TIE, arms] = 1.0
    return design


def _chances(theta: np.ndarray, design: np.ndarray) -> np.ndarray:
    """[rows, 3], each row summing to one. No ties at all is log ν = −∞."""
    known = np.where(np.isinf(theta), 0.0, theta)
    utility = design @ known
    if np.isinf(theta[-1]):
        utility[:, TIE] = -np.inf
    utility -= utility.max(axis=1, keepdims=True)
    odds = np.exp(utility)
    return odds / odds.sum(axis=1, keepdims=True)


def _likelihood(theta: np.ndarray, design: np.ndarray, seen: np.ndarray) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(seen > 0, seen * np.log(_chances(theta, design)), 0.0)
    return float(terms.sum())


def _derivatives(theta: np.ndarray, design: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradient [d] and minus the Hessian [d, d] of the log-likelihood."""
    chance, total = _chances(theta, design), seen.sum(axis=1)
    mean = np.einsum("ra,rad->rd", chance, design)
    gradient = np.einsum("ra,rad->d", seen, design) - total @ mean
    second = np.einsum("r,ra,rad,rae->de", total, chance, design, design)
    return gradient, second - np.einsum("r,rd,re->de", total, mean, mean)


def _variances(theta, first, second, outcome, raters, prompts, arms: int, tied: bool) -> np.ndarray:
    """The diagonal of the two-way clustered sandwich, [arms + 1]."""
    design = _design(first, second, arms)
    seen = np.eye(3)[outcome]
    _, bread = _derivatives(theta, design, seen)
    scores = design[np.arange(len(first)), outcome] - np.einsum("ra,rad->rd", _chances(theta, design), design)
    basis = _basis(arms, tied)
    inverse = basis @ np.linalg.inv(basis.T @ bread @ basis) @ basis.T
    both = np.unique(np.stack([raters, prompts], axis=1), axis=0, return_inverse=True)[1].ravel()
    by_rater, by_prompt, by_both = (_meat(scores, codes) for codes in (raters, prompts, both))
    # Never less than if votes shared nothing: the difference of noisy sums may fall below it.
    meats = (by_rater + by_prompt - by_both, by_both)
    return np.max([np.diag(inverse @ meat @ inverse) for meat in meats], axis=0)


def _basis(arms: int, tied: bool) -> np.ndarray:
    """Directions in which theta can be told: strengths that sum to zero, and log ν where there are ties."""
    centred = np.linalg.svd(np.ones((1, arms)))[2][1:].T  # [arms, arms - 1], orthonormal
    basis = np.zeros((arms + 1, arms - 1 + tied))
    basis[:arms, : arms - 1] = centred
    if tied:
        basis[arms, -1] = 1.0
    return basis


def _meat(scores: np.ndarray, codes: np.ndarray) -> np.ndarray:
    groups = np.unique(codes, return_inverse=True)[1].ravel()
    n = groups.max() + 1
    sums = np.zeros((n, scores.shape[1]))
    np.add.at(sums, groups, scores)
    return sums.T @ sums * (n / max(n - 1, 1))


def share_of(difference: float, nu: float = 0.0) -> float:
    """Of votes for the stronger of two arms whose log-strengths differ so much, a tie counting half."""
    if not nu:
        return float(expit(difference))
    odds = math.exp(difference / 2), math.exp(-difference / 2)
    return (odds[0] + nu / 2) / (odds[0] + odds[1] + nu)
