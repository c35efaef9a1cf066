"""A worker tells the database that it is there and what it can serve, and looks for such work by itself.

In the worker's main process: its pool may be busy for minutes, and a message meant for any worker may have been taken
by one that cannot serve what waits.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from contextlib import suppress
from datetime import datetime
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from kombu.exceptions import OperationalError as BrokerError

from inference import machine
from inference.serving import engines
from studies import clock, workers
from studies.actions.queue import claimable_by
from studies.models import WORK

log = logging.getLogger(__name__)


class Presence(threading.Thread):
    """Announces every few seconds until it is stopped; a database or a broker that is away is only waited for."""

    def __init__(self, app: Celery, name: str) -> None:
        super().__init__(daemon=True, name="presence")
        self.app, self.worker = app, name
        self.engines = engines()
        self.started: datetime | None = None
        self.stopped = threading.Event()

    def run(self) -> None:
        while True:
            try:
                self.turn()
            except (DatabaseError, InterfaceError, BrokerError, OSError) as error:
                log.warning("The database or the broker does not answer (%s): trying again.", error)
            finally:
                connection.close()
            if self.stopped.wait(settings.SWEEP_SECONDS):
                return

    def turn(self) -> None:
        self.started = self.started or clock.now()
        workers.announce(
            self.worker, self.engines, self.started, processes=machine.processes(), gpus=machine.graphics_memory()
        )
        (settings.DATA / "worker-alive").touch()  # for a health check: the database has been reached
        if any(rows.exists() for _, rows in claimable_by(WORK, self.engines)):
            self.app.send_task(
                "inference.tasks.work",
                queue=own_queue(self.worker),
                expires=settings.SWEEP_SECONDS,
                ignore_result=True,
                retry=False,
            )


def own_queue(worker: str) -> str:
    """The queue of one worker; brokers allow few signs in a name."""
    return re.sub(r"[^\w.-]", "-", worker)


_present: list[Presence] = []


@worker_ready.connect
def _arrive(sender: Any, **_: Any) -> None:
    """sender: the consumer of a worker that is ready to take messages."""
    name = f"{sender.hostname}:{os.getpid()}"
    sender.add_task_queue(own_queue(name))
    presence = Presence(sender.app, name)
    _present.append(presence)
    presence.start()


@worker_shutting_down.connect
def _go(**_: Any) -> None:
    for presence in _present:
        presence.stopped.set()
        with suppress(DatabaseError, InterfaceError):  # it is forgotten by itself a little later
            workers.leave(presence.worker)
    _present.clear()
