"""What a session has behind it, read at once: which page comes, how far the rater is, and what is left."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from listening.models import Presentation, Session, Trial

State, Kind = Presentation.State, Trial.Kind
GIVEN = (State.VOTED, State.SURPLUS)


class Row(NamedTuple):
    """One presentation. voted_at: None before its vote."""

    pk: int
    state: str
    kind: str
    claimed_at: datetime
    shown_at: datetime | None
    voted_at: datetime | None


COLUMNS = ("pk", "state", "trial__kind", "claimed_at", "shown_at", "vote__created_at")


class Past:
    """rows: of one session, oldest first."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows

    @cached_property
    def given(self) -> list[Row]:
        """Answered ones, in the order of their answers; surplus ones too: they count for the rater in any case."""
        answered = [row for row in self.rows if row.state in GIVEN]
        return sorted(answered, key=lambda row: row.voted_at or row.claimed_at)

    @property
    def begun(self) -> int:
        return len(self.rows)

    @property
    def practice(self) -> int:
        """Practice trials answered."""
        return sum(row.kind == Kind.PRACTICE for row in self.given)

    @property
    def votes(self) -> int:
        """Answers after practice."""
        return len(self.given) - self.practice

    @property
    def kinds(self) -> list[str]:
        """Of what was not given back."""
        return [row.kind for row in self.rows if row.state != State.RELEASED]

    @property
    def open(self) -> list[int]:
        """Keys of open claims."""
        return [row.pk for row in self.rows if row.state == State.CLAIMED]

    @property
    def seconds(self) -> list[float]:
        """That each answer took."""
        return [(row.voted_at - (row.shown_at or row.claimed_at)).total_seconds() for row in self.given if row.voted_at]


def past_of(session: Session) -> Past:
    rows = session.presentations.order_by("pk").values_list(*COLUMNS)
    return Past([Row(*row) for row in rows])
