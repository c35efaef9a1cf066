"""How far predictions of held-out votes come true, in the field's numbers. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.judging import evidence

BINS = 8
RESAMPLES, SEED = 1_000, 1
TINY = 1e-9


@dataclass(frozen=True)
class Measured:
    """correlation: Pearson's, over pairs, of the foretold with the mean outcome (1, 0, −1 a vote).
    log_loss, brier: a vote; chances are of three outcomes, in nats. error: expected calibration error, 0..1.
    right: share of votes with a winner that were foretold."""

    correlation: float
    log_loss: float
    brier: float
    error: float
    right: float


def measured(d: np.ndarray, log_nu: np.ndarray, votes: np.ndarray) -> Measured:
    """d: [pairs] in logits, calibrated; votes: [pairs, 3]."""
    chances, n = np.exp(evidence.log_chances(d, log_nu)), votes.sum()
    outcomes = np.eye(3)
    brier = sum(float((votes[:, k] * ((chances - outcomes[k]) ** 2).sum(1)).sum()) for k in range(3))
    won = votes[:, 0] + votes[:, 1]
    right = np.where(d > 0, votes[:, 0], np.where(d < 0, votes[:, 1], won / 2)).sum()
    return Measured(
        correlation(foretold(d, log_nu), leaning(votes)),
        float(-(votes * np.log(np.maximum(chances, TINY))).sum() / n),
        brier / n,
        calibration_error(calibration(evidence.chance(d, log_nu), votes)),
        float(right / max(won.sum(), 1)),
    )


def foretold(d: np.ndarray, log_nu: evidence.Ties) -> np.ndarray:
    """[pairs]: expected outcome, −1..1."""
    return 2 * evidence.chance(d, log_nu) - 1


def leaning(votes: np.ndarray) -> np.ndarray:
    """[pairs]: mean outcome, 1 where all votes went to the first, −1 to the second."""
    return (votes[:, 0] - votes[:, 1]) / votes.sum(1)


def correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Pearson's; NaN where one of them does not vary."""
    x, y = x - x.mean(), y - y.mean()
    spread = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / spread if spread > TINY else float("nan")


@dataclass(frozen=True)
class Bin:
    """foretold, found: mean chance that the first is preferred, and the share of votes for it, a tie counting half."""

    foretold: float
    found: float
    votes: int


def calibration(chances: np.ndarray, votes: np.ndarray) -> list[Bin]:
    """Pairs by their chance, in bins of about equally many votes. Each pair is read from the side that is likelier."""
    turned = chances < 0.5
    chances = np.where(turned, 1 - chances, chances)
    won = np.where(turned, votes[:, 1], votes[:, 0]) + votes[:, 2] / 2
    order = np.argsort(chances, kind="stable")
    total = votes.sum(1)
    before = np.cumsum(total[order]) - total[order] / 2
    place = np.minimum((before / total.sum() * BINS).astype(int), BINS - 1)
    groups = [order[place == one] for one in range(BINS)]
    return [
        Bin(float(np.average(chances[g], weights=total[g])), float(won[g].sum() / total[g].sum()), int(total[g].sum()))
        for g in groups
        if len(g)
    ]


def calibration_error(bins: list[Bin]) -> float:
    total = sum(one.votes for one in bins)
    return sum(one.votes * abs(one.foretold - one.found) for one in bins) / total


def gain(judge: np.ndarray, plain: np.ndarray, votes: np.ndarray, prompts: np.ndarray) -> tuple[float, float, float]:
    """By how much the judge's correlation is higher than plain CLAP's; low and high: its 95 % interval, resampled
    over prompts. judge, plain: foretold outcomes; all [pairs]."""
    y = leaning(votes)
    groups = np.unique(prompts, return_inverse=True)[1].ravel()
    members = [np.flatnonzero(groups == one) for one in range(groups.max() + 1)]
    chance, drawn = np.random.default_rng(SEED), []
    for _ in range(RESAMPLES):
        rows = np.concatenate([members[one] for one in chance.integers(len(members), size=len(members))])
        drawn.append(correlation(judge[rows], y[rows]) - correlation(plain[rows], y[rows]))
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return correlation(judge, y) - correlation(plain, y), float(low), float(high)
