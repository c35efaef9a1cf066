"""What a task is about, in each of its log lines; errors and traces of workers. Loaded with the Celery app."""

from __future__ import annotations

import os
import socket
from typing import Any

from celery.signals import beat_init, celeryd_init, setup_logging, task_postrun, task_prerun
from structlog.contextvars import bind_contextvars, clear_contextvars

from config.observability import exporting


@setup_logging.connect
def _as_django_does(**_: Any) -> None:
    """Being connected is enough: Celery then leaves our log lines as the settings have them."""


@celeryd_init.connect
def _worker(**_: Any) -> None:
    """Before the pool is forked: what sends spans and errors begins anew in each process by itself."""
    exporting.begin("worker")


@beat_init.connect
def _beat(**_: Any) -> None:
    exporting.begin("beat")


@task_prerun.connect
def _begin(task_id: str, task: Any, **_: Any) -> None:
    clear_contextvars()
    bind_contextvars(task=task.name, task_id=task_id, worker=f"{socket.gethostname()}:{os.getpid()}")


@task_postrun.connect
def _end(**_: Any) -> None:
    clear_contextvars()
