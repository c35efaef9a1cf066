"""What is measured of each session. Pure: evidence in, numbers out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, pstdev

from listening.models import Question
from listening.quality.agreement import Agreement, agreements
from listening.quality.evidence import GOLD, STUDY, TRAP, Answer, Evidence


@dataclass(frozen=True)
class Measures:
    """traps, gold: (passed, met). side: p of so uneven a choice of letters by somebody who has no favourite.

    spread: standard deviation of marks, None where there are no marks. thought: median seconds beyond what was played.
    heard: median share of each clip that was played. chance: log-odds of answers by chance, see rules.py.
    """

    session: int
    question: str
    state: str
    votes: int
    traps: tuple[int, int]
    gold: tuple[int, int]
    agreement: Agreement
    side: float
    favourite: str
    spread: float | None
    thought: float | None
    heard: float | None
    chance: float


# How often somebody who listens passes, and somebody who answers by chance does (see docs/researchers.md).
ATTENTIVE: dict[str, float] = {TRAP: 0.97, GOLD: 0.9}
BY_CHANCE = 0.5


def measures(crowd: Sequence[Evidence], excluded: Sequence[int] = ()) -> list[Measures]:
    """Of every session; agreement is with everybody but those excluded."""
    agreed = agreements(crowd, excluded)
    return [_measured(one, agreed[one.session]) for one in crowd]


def _measured(one: Evidence, agreed: Agreement) -> Measures:
    p, favourite = side_bias(one)
    own = [answer for answer in one.answers if answer.kind == STUDY]
    marks = [clip.value for answer in own for clip in answer.clips]
    rated = one.question in (*Question.SINGLES, Question.Kind.MUSHRA)
    shares = [clip.heard / clip.seconds for answer in one.answers for clip in answer.clips if clip.seconds]
    return Measures(
        session=one.session,
        question=one.question,
        state=one.state,
        votes=len(own),
        traps=_passed(one.answers, TRAP),
        gold=_passed(one.answers, GOLD),
        agreement=agreed,
        side=p,
        favourite=favourite,
        spread=pstdev(marks) if rated and len(marks) > 1 else None,
        thought=median(answer.thought for answer in one.answers) if one.answers else None,
        heard=min(1.0, median(shares)) if shares else None,
        chance=agreed.chance + sum(_odds(answer) for answer in one.answers if answer.passed is not None),
    )


def _passed(answers: Sequence[Answer], kind: str) -> tuple[int, int]:
    met = [answer.passed for answer in answers if answer.kind == kind]
    return sum(map(bool, met)), len(met)


def _odds(answer: Answer) -> float:
    """Log of how much likelier a check's outcome is by chance than from somebody who listens."""
    attentive = ATTENTIVE[answer.kind]
    return math.log(BY_CHANCE / (attentive if answer.passed else 1 - attentive))


def side_bias(one: Evidence) -> tuple[float, str]:
    """Two-sided exact p of the letter that was chosen most, and that letter. Ties and marks choose none."""
    letters = [answer.choice for answer in one.answers if answer.choice in tuple("abcd")]
    if not letters:
        return 1.0, ""
    sides = 4 if one.question == Question.Kind.BEST_WORST else 2
    favourite, times = Counter(letters).most_common(1)[0]
    from scipy.special import bdtrc  # takes half a second, and few processes judge raters

    p = bdtrc(times - 1, len(letters), 1 / sides)  # of as many or more by chance
    return min(1.0, float(p) * sides), favourite
