"""The web server's shape: gunicorn reads this module as its settings.

Measured with script/load: processes, and not threads, keep pages quick. Raters' connections stay open and never spread
evenly, and two threads that share an interpreter wait for each other at every question to the database.
"""

import gc
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

from gunicorn.glogging import Logger

from config.discretion import Filter
from config.observability import logs

MOST = 24  # processes: each holds two of the hundred connections that PostgreSQL grants by default
workers = int(os.environ.get("WEB_CONCURRENCY") or min(2 * (os.cpu_count() or 1) + 1, MOST))
threads = 2  # the other one while a slow client reads
# Longer than a rater listens, so that a vote does not meet a connection that is just closing.
keepalive = 75  # seconds
# Where a log of requests is wanted (--access-logfile): no client's address, no query, no browser. Links and tokens in
# paths are left out by the filter.
access_log_format = '%(t)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'
for _log in ("gunicorn.access", "gunicorn.error"):
    logging.getLogger(_log).addFilter(Filter())
# Read once, and shared by all processes as long as nobody writes to it.
preload_app = True

# Where the processes lay their figures down for whichever of them is asked for /metrics: read before the application.
FIGURES = "PROMETHEUS_MULTIPROC_DIR"
own_figures = FIGURES not in os.environ
if own_figures:
    os.environ[FIGURES] = tempfile.mkdtemp(prefix="audionese-figures-")


class Lines(Logger):
    """The server's own lines like all others. Requests have theirs from the application, which knows their study."""

    def setup(self, cfg) -> None:
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(logs.formatter(os.environ.get("AUDIONESE_LOG_FORMAT", "text")))


logger_class = Lines


def on_starting(server) -> None:
    """Figures of a server that is gone would be counted again."""
    for file in Path(os.environ[FIGURES]).glob("*.db"):
        file.unlink()


def child_exit(server, worker) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)


def on_exit(server) -> None:
    if own_figures:
        shutil.rmtree(os.environ[FIGURES], ignore_errors=True)


def when_ready(server) -> None:
    """Before the first process is forked: addresses read, and all of it out of the garbage collector's way.

    A collection that walks through all of Django takes a tenth of a second, and unshares every page it touches.
    """
    from django.urls import get_resolver

    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()


def post_fork(server, worker) -> None:
    """A rater's page asks the database some six times, and waits for the interpreter each time that it has an answer.

    Where the other thread writes a file meanwhile, Python's own five milliseconds a turn would be felt.
    """
    sys.setswitchinterval(0.0005)  # seconds
