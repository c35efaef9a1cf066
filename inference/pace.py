"""How many rows of a kind go into one engine call: many where they are quick, few where each takes long.

A call that lasts for half an hour shows no progress, and a worker that is lost loses all of it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Hashable, Sequence

from django.conf import settings

from studies.models import Work

CALL_SECONDS = 60.0  # what a call should not exceed
FEW = 8  # the first call of an engine, and the least later on: models make a few items in the time of one


class Pace:
    """What this process has learnt of each engine's speed: seconds a row, in the last call."""

    def __init__(self) -> None:
        self._seconds: dict[Hashable, float] = {}

    def rows(self, kind: str, first: Work) -> int:
        """The most rows that a call may have together with this one."""
        seconds = self._seconds.get(_engine(kind, first))
        wanted = FEW if seconds is None else int(CALL_SECONDS / max(seconds, 1e-6))
        return min(max(wanted, FEW), settings.BATCH_SIZES[kind])

    def learn(self, kind: str, rows: Sequence[Work], seconds: float) -> None:
        """seconds: what the call with these rows took."""
        self._seconds[_engine(kind, rows[0])] = seconds / len(rows)


class Turn:
    """When something was done last, by the counter that nobody can set."""

    def __init__(self) -> None:
        self._last = -math.inf

    def come(self, seconds: float) -> bool:
        """Whether it is longer ago than that."""
        return time.monotonic() - self._last > seconds

    def over(self) -> None:
        self._last = time.monotonic()


def _engine(kind: str, row: Work) -> Hashable:
    return (kind, *(getattr(row, name) for name in row.group_fields))
