"""Which pair's next vote teaches a judge most. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from inference.judging.fitting import covariance, variance
from inference.judging.learning import Learned
from inference.judging.sides import Sides


def worth(learned: Learned, others: Sequence[Sides]) -> np.ndarray:
    """[pairs]: p (1 − p) Var(difference), what the next vote on each is expected to teach; as listening/design.py has
    it of arms. A pair whose answer is known teaches little, and so does one that is like pairs that were voted on."""
    per, strength = learned.per, learned.head.strength
    across = covariance(learned.sides, others, per, strength)
    own = np.array([covariance(each, each, per, strength)[0, 0] for each in _each(others)])
    spread = variance(learned.fit, covariance(learned.sides, learned.sides, per, strength), across, own)
    p = expit(learned.head.differences(others) / learned.head.sure)
    return p * (1 - p) * spread


def _each(sides: Sequence[Sides]) -> list[list[Sides]]:
    return [[one.of(np.array([row])) for one in sides] for row in range(len(sides[0]))]
