"""How a preference settled as votes came in, and how the interval narrows with their number."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from results.statistics import LEVEL, clustered_error, unanimous

POINTS, FEWEST = 30, 10


class Point(NamedTuple):
    """After so many votes: the share, and its interval over raters and prompts."""

    votes: int
    share: float
    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


def course(raters: np.ndarray, prompts: np.ndarray, values: np.ndarray, points: int = POINTS) -> list[Point]:
    """values: 1, 0.5 or 0 in the order in which votes came; raters, prompts: ids; [votes]. At most `points` points.

    The interval is the share ± t times its two-way clustered error: what `preference_share` resamples, without
    resampling.
    """
    n = len(values)
    if n < FEWEST:
        return []
    stops = np.unique(np.linspace(FEWEST, n, points).round().astype(int))
    rater, prompt = (np.unique(ids, return_inverse=True)[1].ravel() for ids in (raters, prompts))
    return [point for stop in stops if (point := _point(rater[:stop], prompt[:stop], values[:stop]))]


def _point(rater: np.ndarray, prompt: np.ndarray, values: np.ndarray) -> Point | None:
    clusters = min(len(np.unique(rater)), len(np.unique(prompt)))
    if clusters < 2:
        return None
    share, error = float(np.mean(values)), clustered_error(rater, prompt, values)
    if not error:
        return Point(len(values), share, *unanimous(share, clusters, LEVEL))
    reach = float(stdtrit(clusters - 1, (1 + LEVEL) / 2)) * error
    return Point(len(values), share, max(0.0, share - reach), min(1.0, share + reach))


def votes_for_width(point: Point, width: float) -> int:
    """Votes that bring the interval to this width, if it goes on narrowing with the square root of their number."""
    return math.ceil(point.votes * (point.width / width) ** 2)
