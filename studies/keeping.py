"""Who may take files out of the bucket, or count on their staying: one lock of PostgreSQL's, never left behind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

LOCK = 0x41_75_46_69  # of files
PATIENCE = 10  # seconds: PostgreSQL takes a moment to notice that a killed process has gone


class BusyError(Exception):
    """Somebody else is at it."""


@contextmanager
def alone() -> Iterator[None]:
    """No other process moves or deletes files, and none backs them up. Raises BusyError."""
    with _held(""):
        yield


@contextmanager
def staying() -> Iterator[None]:
    """No process moves or deletes files meanwhile. Raises BusyError."""
    with _held("_shared"):
        yield


@contextmanager
def _held(kind: str) -> Iterator[None]:
    deadline = time.monotonic() + PATIENCE
    while not _asked(f"SELECT pg_try_advisory_lock{kind}(%s)"):
        if time.monotonic() > deadline:
            raise BusyError("Audio is being moved, cleared away or backed up by another process: wait for its end.")
        time.sleep(0.2)
    try:
        yield
    finally:
        _asked(f"SELECT pg_advisory_unlock{kind}(%s)")


def _asked(question: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])
