"""Counts what engines do, for those who watch the installation. Read by its metrics."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import inf

from django.db.models import F

from studies.models import EngineCalls, Work

# Upper ends of the lengths that calls are counted by, seconds.
LENGTHS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, inf)


def count(kind: str, rows: Sequence[Work]) -> None:
    """Adds one call that settled these rows; in the transaction that settles them, as the last thing it does."""
    if not rows or (engine := getattr(rows[0], f"{rows[0].engine_field}_id")) is None:
        return
    seconds = sum(row.seconds or 0.0 for row in rows)
    failed = sum(row.state == Work.State.FAILED for row in rows)
    place = {"kind": kind, "engine_id": engine, "at_most": LENGTHS[bisect_left(LENGTHS, seconds)]}
    more = {"calls": 1, "done": len(rows) - failed, "failed": failed, "seconds": seconds}
    counted = EngineCalls.objects.filter(**place)
    if not counted.update(**{name: F(name) + value for name, value in more.items()}):
        EngineCalls.objects.bulk_create([EngineCalls(**place)], ignore_conflicts=True)
        counted.update(**{name: F(name) + value for name, value in more.items()})
