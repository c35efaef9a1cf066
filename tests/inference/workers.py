"""Real Celery worker processes on the test database."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import database_url

_count = itertools.count(1)
PATIENCE = 300  # seconds: a shared machine may be slow, a hung worker must still fail the test


class Worker:
    """`celery worker` with its beat, sweeping every half second, in a process group of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.name = f"{folder.name}-{next(_count)}@here"
        self.log = folder / "worker.log"
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "AUDIONESE_DATA": str(folder),
            "AUDIONESE_LEASE_SECONDS": "1.5",
            "AUDIONESE_SWEEP_SECONDS": "0.5",
            "AUDIONESE_MAX_ATTEMPTS": "100",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **environment,
        }

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "config",
            "worker",
            "--beat",
            "--concurrency",
            "2",
            "-n",
            self.name,
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """SIGKILL to the worker and its pool: nothing gets to clean up."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def wait_until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert self.process.poll() is None, f"the worker ended:\n{self.log.read_text()[-3000:]}"
            assert time.monotonic() < deadline, f"the worker is stuck:\n{self.log.read_text()[-3000:]}"
            time.sleep(0.05)


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[Worker]:
    worker = Worker(folder, **environment)
    worker.start()
    try:
        yield worker
    finally:
        worker.kill()
