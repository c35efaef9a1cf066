"""What a session left behind: its answers, what was heard for each, and how long it took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from listening.models import Playback, Session, Trial
from studies.models import Study

STUDY, TRAP, GOLD = Trial.Kind.STUDY, Trial.Kind.TRAP, Trial.Kind.GOLD


@dataclass(frozen=True)
class Heard:
    """One clip of an answer. value: in the unit of the question. heard, seconds: played, and its length."""

    letter: str
    stimulus: int
    value: float
    heard: float
    seconds: float


@dataclass(frozen=True)
class Answer:
    """kind: of the trial. passed: of a trap or a gold trial. seconds: from the page being ready to the answer."""

    trial: int
    kind: str
    choice: str
    passed: bool | None
    seconds: float
    clips: tuple[Heard, ...]

    @property
    def thought(self) -> float:
        """Seconds beyond what was played."""
        return self.seconds - sum(clip.heard for clip in self.clips)


@dataclass(frozen=True)
class Evidence:
    """A session's answers in the order they were given, without practice. question, state: their kinds."""

    session: int
    question: str
    state: str = Session.State.COMPLETE
    answers: tuple[Answer, ...] = field(default=())


_COLUMNS = (
    "presentation__session_id",
    "presentation_id",
    "presentation__trial_id",
    "presentation__trial__kind",
    "presentation__vote__choice",
    "presentation__vote__passed",
    "presentation__vote__response_ms",
    "letter",
    "stimulus_id",
    "value",
    "heard",
    "stimulus__clip__samples",
    "stimulus__clip__sample_rate",
)


def evidence(study: Study, population: str = Session.Population.PEOPLE) -> list[Evidence]:
    """Every session of the study, with or without answers, in two queries."""
    sessions = Session.objects.filter(study=study, population=population).order_by("pk")
    answers = _answers(study, population)
    return [
        Evidence(pk, question, state, answers.get(pk, ()))
        for pk, question, state in sessions.values_list("pk", "question__kind", "state")
    ]


def _answers(study: Study, population: str) -> dict[int, tuple[Answer, ...]]:
    rows = (
        Playback.objects.filter(
            presentation__session__study=study, presentation__population=population, value__isnull=False
        )
        .exclude(presentation__trial__kind=Trial.Kind.PRACTICE)
        .order_by("presentation__session_id", "presentation_id", "letter")
        .values_list(*_COLUMNS)
    )
    by_session = groupby(rows.iterator(), key=lambda row: row[0])
    return {session: tuple(_grouped(mine)) for session, mine in by_session}


def _grouped(rows: Iterable[tuple[Any, ...]]) -> Iterable[Answer]:
    for _, clips in groupby(rows, key=lambda row: row[1]):
        first, *rest = clips
        heard = tuple(_heard(row) for row in (first, *rest))
        trial, kind, choice, passed, milliseconds = first[2:7]
        yield Answer(trial, kind, choice, passed, milliseconds / 1000, heard)


def _heard(row: tuple[Any, ...]) -> Heard:
    letter, stimulus, value, heard, samples, rate = row[7:]
    return Heard(letter, stimulus, value, heard, (samples or 0) / (rate or 1))
