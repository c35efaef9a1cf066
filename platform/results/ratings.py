"""What listeners said on every question but preference: means with intervals, people and simulated raters apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from listening.models import Question
from listening.query import RatingRow
from results.statistics import Estimate, bounded_mean

Kind = Question.Kind
# The ends of each scale; a comparison says by how much the first arm is better than the other.
SCALES: dict[str, tuple[float, float]] = {
    Kind.RELEVANCE: (0, 100),
    Kind.QUALITY: (0, 100),
    Kind.MUSHRA: (0, 100),
    Kind.CMOS: (-3, 3),
    Kind.BEST_WORST: (-1, 1),
}


class Place(NamedTuple):
    question: int
    kind: str
    simulated: bool
    arm: str
    versus: str  # of a comparison; else empty


def ratings(rows: Iterable[RatingRow], pairs: Sequence[Sequence[str]]) -> list[dict]:
    """A record for each question, population and arm (of comparisons: pair of arms), in the order they are met.

    mean: in the unit of the scale; interval over raters and prompts. Best and worst: share of best less share of worst.
    """
    wanted = {tuple(pair) for pair in pairs}
    grouped: dict[Place, list[RatingRow]] = {}
    for row in rows:
        if row.kind != Kind.CMOS or (row.arm, row.versus) in wanted:
            versus = row.versus if row.kind == Kind.CMOS else ""
            grouped.setdefault(Place(row.question, row.kind, row.simulated, row.arm, versus), []).append(row)
    places = sorted(grouped, key=lambda place: (place.question, place.simulated))
    return [_record(place, grouped[place]) for place in places]


def _record(place: Place, rows: list[RatingRow]) -> dict:
    estimate = _mean(place.kind, rows)
    return {
        "question": place.kind,
        "arm": place.arm,
        "versus": place.versus or None,
        "simulated": place.simulated,
        "mean": estimate.value,
        "interval": estimate.interval,
        "scale": list(SCALES[place.kind]),
        "votes": len(rows),
        "raters": len({row.rater for row in rows}),
        "prompts": len({row.prompt for row in rows}),
    }


def _mean(kind: str, rows: list[RatingRow]) -> Estimate:
    raters, prompts = (np.array([getattr(row, name) for row in rows]) for name in ("rater", "prompt"))
    low, high = SCALES[kind]
    return bounded_mean(raters, prompts, np.array([row.value for row in rows]), low, high)
