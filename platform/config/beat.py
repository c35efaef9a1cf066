"""When beat does what: every so many seconds, whatever becomes of the machine's clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from celery.schedules import schedule

_STARTED, _AT = datetime.now(UTC), time.monotonic()


def steady() -> datetime:
    """Right when this process began, and counted on from there: nobody sets it forward or back."""
    return _STARTED + timedelta(seconds=time.monotonic() - _AT)


def every(seconds: float) -> schedule:
    return schedule(seconds, nowfun=steady)
