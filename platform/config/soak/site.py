"""One installation on this machine, as the product starts it: PostgreSQL, broker, workers, web server."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

from config import processes
from config.processes import Processes, wait_for_port
from config.soak import broker
from config.soak.clock import Clock
from config.soak.cluster import FIRST, SECOND, Cluster
from config.soak.disk import Disk

WORKERS = ("worker-1", "worker-2")
WEB_PROCESSES = 2
SETTINGS = {
    "AUDIONESE_LEASE_SECONDS": "8",
    "AUDIONESE_SWEEP_SECONDS": "2",
    # It kills workers again and again, whatever they have in hand: no row is to blame.
    "AUDIONESE_MAX_ATTEMPTS": "100",
    "WEB_CONCURRENCY": str(WEB_PROCESSES),
    "OMP_NUM_THREADS": "1",
    "HF_HUB_OFFLINE": "1",
}


class Site:
    """Its parts, and which of the two databases they use at present."""

    def __init__(self, data: Path, children: Processes, disk: Disk, cluster: Cluster, wanted: str) -> None:
        self.data, self.children, self.disk, self.cluster = data, children, disk, cluster
        self.clocks = {"workers": Clock(data / "workers.clock"), "web server": Clock(data / "web.clock")}
        self.broker = broker.chosen(wanted, children, data, _free())
        self.port = _free()
        os.environ.update(SETTINGS, CELERY_BROKER_URL=self.broker.url)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def use(self, database: str) -> None:
        """What is started from here on works on this database, this process too."""
        os.environ["DATABASE_URL"] = self.cluster.address(database)

    def start(self, workers: Sequence[str]) -> None:
        self.broker.start()
        for name in workers:
            self.start_worker(name)
        self.start_web()

    def start_worker(self, name: str) -> None:
        processes.worker(self.children, 1, name, self.clocks["workers"].environment())

    def start_web(self) -> None:
        processes.web(self.children, self.port, self.clocks["web server"].environment())
        wait_for_port(self.port, self.children, seconds=120)

    def stop(self) -> None:
        self.children.stop()

    def answers(self) -> bool:
        """Whether a page that asks the database comes."""
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.address}/listen/nobody/", timeout=10).status_code == 404
        return False


@contextlib.contextmanager
def begun(data: Path, wanted_broker: str) -> Iterator[Site]:
    """Two empty databases, and what will work on them; nothing is left running, or mounted."""
    with (
        Disk(data / "disk") as disk,
        Cluster(data / "postgres") as cluster,
        Processes(data / "logs") as children,
    ):
        cluster.begin(disk)
        yield Site(data, children, disk, cluster, wanted_broker)


def migrated(site: Site) -> None:
    """Both databases with every table, the audio on the small disk."""
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    if not site.disk.missing:
        connections.close_all()
        site.cluster.holds_audio(site.disk, FIRST)
    connections.close_all()
    site.cluster.execute(f"CREATE DATABASE {SECOND} TEMPLATE {FIRST}")


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def patiently(seconds: float) -> Iterator[float]:
    """Moments in which to look again, until that time is over."""
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        yield passed
        time.sleep(0.2)
