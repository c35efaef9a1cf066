"""A batch is this worker's while it works on it; what it cannot serve through no fault of the rows, it gives back."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from inference import trouble
from studies.actions import Batch, give_back, renew

log = logging.getLogger(__name__)


@contextmanager
def kept(batch: Batch) -> Iterator[None]:
    """Renews the batch's lease while the block runs. A machine in trouble gives the rows back."""
    done = threading.Event()
    context = contextvars.copy_context()  # its log lines are about this batch, too
    thread = threading.Thread(target=context.run, args=(_renew_until, batch, done), daemon=True)
    thread.start()
    try:
        yield
    except Exception as error:
        if trouble.of_the_machine(error):
            connection.close()
            with trouble.waited_out():  # where even that cannot be written, the lease runs out by itself
                give_back(batch)
        raise
    finally:
        done.set()
        thread.join()


def _renew_until(batch: Batch, done: threading.Event) -> None:
    """A database that is away for a moment is asked again: the lease may well outlast it."""
    while not done.wait(settings.LEASE_SECONDS / 3):
        with trouble.waited_out():
            renew(batch)
        connection.close()
