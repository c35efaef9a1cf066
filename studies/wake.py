"""Tells the workers that there is work. Losing a message costs nothing: a sweep finds what waits."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def wake(times: int = 2) -> None:
    """Sends `times` messages once the present transaction is committed; each wakes one idle worker process."""
    transaction.on_commit(lambda: _send(times))


def _send(times: int) -> None:
    try:
        for _ in range(times):
            current_app.send_task("inference.tasks.work", retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        log.warning("Could not reach the broker (%s): the next sweep will find the work.", error)
