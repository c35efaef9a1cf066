"""Tells the workers that there is work. Losing a message costs nothing: a sweep finds what waits."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def wake(times: int = 2) -> None:
    """Sends `times` messages once the present transaction is committed; each wakes one idle worker process."""
    call("inference.tasks.work", times)


def call(task: str, times: int = 1) -> None:
    """The same for a task of another name."""
    transaction.on_commit(lambda: _send(task, times))


def _send(task: str, times: int) -> None:
    try:
        for _ in range(times):
            current_app.send_task(task, retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        log.warning("Could not reach the broker (%s): the next beat will find what waits.", error)
