"""Trouble that is no row's fault, as a database that is away for a while, or a full disk. It is waited for."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import InterfaceError, InternalError, OperationalError, connection

log = logging.getLogger(__name__)
Value = TypeVar("Value")

# A server that restarts, a connection that broke, a disk without room, a deadlock; never a value that does not fit.
AWAY = (OperationalError, InterfaceError, InternalError)
# What a bucket says, other than that a file is gone. Its client is not installed everywhere.
BUCKETS = "botocore."
FULL = {errno.ENOSPC, errno.EDQUOT}
PATIENCE = 600.0  # seconds for which finished work waits to be written
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds between tries; the last one for every further try


def of_the_machine(error: BaseException) -> bool:
    full = isinstance(error, OSError) and error.errno in FULL
    return full or isinstance(error, AWAY) or type(error).__module__.startswith(BUCKETS)


def survived(write: Callable[[], Value]) -> Value:
    """What `write` returns, a transaction that may be tried again, once the database takes it.

    What an engine has made is worth waiting for. Raises what it raised last where that takes too long.
    """
    deadline, tries = time.monotonic() + PATIENCE, 0
    while True:
        try:
            return write()
        except AWAY as error:
            if time.monotonic() > deadline:
                raise
            log.warning("The database does not take what is finished (%s): trying again.", _line(error))
        connection.close()
        time.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
        tries += 1


@contextmanager
def waited_out() -> Iterator[None]:
    """Ends the block where the machine is in trouble, without blaming anybody."""
    try:
        yield
    except Exception as error:
        if not of_the_machine(error):
            raise
        log.warning("This machine or its database is in trouble (%s): work goes on later.", _line(error))
        connection.close()


def _line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
