"""The processes of one machine: a worker with its beat, and the web server. Started together, stopped together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NoReturn

PATIENCE = 15  # seconds a process gets to end by itself
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StartError(Exception):
    """Something could not be started; the message is one line that says what to do."""


def heed_signals() -> None:
    """Whatever ends this process raises KeyboardInterrupt, once, also where a parent shell had it ignored.

    So blocks put away what they started, and a second Ctrl-C does not keep them from it.
    """
    for number in ENDS:
        signal.signal(number, _interrupted)


def _interrupted(number: int, frame: object) -> NoReturn:
    for each in ENDS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


class Processes:
    """Child processes in sessions of their own: Ctrl-C reaches the parent alone, which then ends each of them."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, name: str, *command: str, environment: Mapping[str, str] | None = None) -> None:
        """Starts `python -m command`, its output in logs/name.log."""
        more = {"DJANGO_SETTINGS_MODULE": "config.settings", **(environment or {})}
        self.run(name, sys.executable, "-m", *command, environment=more)

    def run(self, name: str, *command: str, environment: Mapping[str, str] | None = None) -> None:
        """The same for any program."""
        with (self.logs / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603 - our own modules, or what the caller names
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )

    def kill(self, name: str) -> None:
        """SIGKILL to it and its children: nothing gets to clean up."""
        process = self.running.pop(name)
        _signal_group(process, signal.SIGKILL)
        process.wait()

    def check(self) -> None:
        """Raises StartError if a process has ended that should still run."""
        for name, process in self.running.items():
            if process.poll() is not None:
                tail = (self.logs / f"{name}.log").read_text(errors="replace").strip().splitlines()[-1:]
                raise StartError(
                    f"The {name} process ended by itself ({process.returncode}): {' '.join(tail)} "
                    f"The whole log: {self.logs / name}.log"
                )

    def stop(self) -> None:
        """Ends every process and its children: politely, then by force."""
        for process in self.running.values():
            _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            # The group too: a pool's children must not outlive their parent. Their rows are claimed again.
            _signal_group(process, signal.SIGKILL)
            process.wait()
        self.running.clear()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    if process.poll() is None:
        process.send_signal(number)


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def free_port(wanted: int) -> None:
    """Raises StartError where something listens on that port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise StartError(
                f"Port {wanted} is in use: stop what listens there, or choose another with --port."
            ) from error


def wait_for_port(port: int, processes: Processes, seconds: float = 60) -> None:
    """Returns when something answers there. Raises StartError when a process ends or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        processes.check()
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise StartError(f"The web server did not answer on port {port} within {seconds:.0f} seconds.")


def writable(folder: Path) -> None:
    """Raises StartError where the data folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").touch()
        (folder / ".writable").unlink()
    except OSError as error:
        raise StartError(
            f"No permission to write in {folder}: choose another folder with AUDIONESE_DATA=/some/folder."
        ) from error


def worker(
    processes: Processes, concurrency: int, name: str = "worker", environment: Mapping[str, str] | None = None
) -> None:
    """A Celery worker with its beat: serves the queue, and sweeps for what was lost."""
    options = ("--beat", "--loglevel", "INFO", "--concurrency", str(concurrency), "--hostname", f"{name}@%h")
    processes.start(name, "celery", "-A", "config", "worker", *options, environment=environment)


def web(processes: Processes, port: int, environment: Mapping[str, str] | None = None) -> None:
    bind = ("--config", "python:config.gunicorn", "--bind", f"127.0.0.1:{port}")
    processes.start("web", "gunicorn", "config.wsgi", *bind, environment=environment)
