"""How a rater's answers stand to those of everybody else who met the same trials. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

from listening.models import Question
from listening.quality.evidence import STUDY, Evidence

Place = tuple[int, ...]  # a trial, and the two stimuli that were compared


@dataclass(frozen=True)
class Comparison:
    """One thing that an answer says: up, 1 or 0 (.5: neither). weight: what it counts beside others of its answer."""

    place: Place
    up: float
    weight: float


@dataclass(frozen=True)
class Agreement:
    """share: of comparisons that agree with most others, a tie counting half. n: how many were compared.

    chance: natural logarithm of how much likelier the answers are by chance than from somebody like the others.
    """

    share: float | None
    n: int
    chance: float


def agreements(crowd: Sequence[Evidence], excluded: Iterable[int] = ()) -> dict[int, Agreement]:
    """By session: against everybody else of the crowd but those excluded."""
    left_out = set(excluded)
    said = {one.session: comparisons(one) for one in crowd}
    sums: dict[Place, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for session, mine in said.items():
        if session not in left_out:
            for one in mine:
                sums[one.place][0] += one.up
                sums[one.place][1] += 1
    return {session: _agreement(mine, sums, session not in left_out) for session, mine in said.items()}


def _agreement(mine: Sequence[Comparison], sums, counted: bool) -> Agreement:
    agreed, n, chance = 0.0, 0, 0.0
    for one in mine:
        up, votes = sums.get(one.place, (0.0, 0.0))
        up, votes = (up - one.up, votes - 1) if counted else (up, votes)
        if votes < 1 or one.up == 0.5:
            continue
        likely = (up + 1) / (votes + 2)  # Laplace's rule: two others who agree are no certainty
        likely = likely if one.up else 1 - likely
        agreed += 1.0 if likely > 0.5 else 0.5 if likely == 0.5 else 0.0
        chance += one.weight * math.log(0.5 / likely)
        n += 1
    return Agreement(agreed / n if n else None, n, chance)


def comparisons(one: Evidence) -> list[Comparison]:
    """What the session's answers on the study's own trials say: of clips on one screen which is better; of single
    clips whether they are above the rater's own middle."""
    own = [answer for answer in one.answers if answer.kind == STUDY]
    if one.question in Question.SINGLES:
        middle = median(answer.clips[0].value for answer in own) if own else 0.0
        return [
            Comparison((answer.trial, answer.clips[0].stimulus), _up(answer.clips[0].value - middle), 1.0)
            for answer in own
        ]
    return [each for answer in own for each in _on_one_screen(answer)]


def _on_one_screen(answer) -> list[Comparison]:
    """Every two of the screen's clips; together they weigh as much as the clips less one, for the rest follows."""
    pairs = list(combinations(sorted(answer.clips, key=lambda clip: clip.stimulus), 2))
    weight = (len(answer.clips) - 1) / len(pairs)
    return [
        Comparison((answer.trial, low.stimulus, high.stimulus), _up(high.value - low.value), weight)
        for low, high in pairs
    ]


def _up(lead: float) -> float:
    return 1.0 if lead > 0 else 0.0 if lead < 0 else 0.5
