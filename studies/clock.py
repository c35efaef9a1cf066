"""What time it is: the database's word, the same on every host. Machines' own clocks differ, and jump.

Whatever is stored and compared later, a lease say, is told by this clock. In SQL it is `Now()`.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

from django.db import connection

BELIEVED = 30.0  # seconds for which a process goes on by itself, by a counter that nobody can set


class Clock:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: tuple[datetime, float] | None = None  # what was said, and the counter at that moment

    def now(self) -> datetime:
        with self._lock:
            if self._asked is None or time.monotonic() - self._asked[1] > BELIEVED:
                self._asked = _ask(), time.monotonic()
            said, at = self._asked
            return said + timedelta(seconds=time.monotonic() - at)


def _ask() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


now = Clock().now
