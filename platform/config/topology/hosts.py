"""Services that run: each on its host, confined, its output in a file, its health asked as Docker would ask it."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from types import TracebackType

from config.processes import StartError
from config.topology.confinement import Confinement
from config.topology.network import Network
from config.topology.services import Service

PATIENCE = 600  # seconds: a busy machine may be slow, what hangs must still end


class Hosts:
    def __init__(self, network: Network, confinement: Confinement) -> None:
        self.network, self.confinement = network, confinement
        self.logs = confinement.folder / "logs"
        self.logs.mkdir()
        self.running: dict[str, tuple[Service, subprocess.Popen[bytes]]] = {}

    def __enter__(self) -> Hosts:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(*self.running)

    def start(self, *services: Service) -> None:
        for service in services:
            with self.log(service.name).open("ab") as log:
                self.running[service.name] = (
                    service,
                    subprocess.Popen(  # noqa: S603 - what compose.yaml says
                        self._command(service), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
                    ),
                )

    def stop(self, *names: str) -> None:
        """Without a word beforehand: whatever is lost by that must not matter."""
        gone = [self.running.pop(name)[1] for name in names]
        for process in gone:
            process.kill()  # and with it all that it holds
        for process in gone:
            process.wait()

    def run(self, service: Service, *command: str, asked: str | None = None) -> str:
        """What a command answers on that host, as `docker compose exec` would. Raises StartError."""
        try:
            done = subprocess.run(  # noqa: S603 - our own
                self._command(service, *command), input=asked or "", capture_output=True, text=True, timeout=PATIENCE
            )
        except subprocess.TimeoutExpired as error:
            raise StartError(f"{service.name}: {' '.join(command)} did not end in {PATIENCE} seconds.") from error
        if done.returncode:
            raise StartError(f"{service.name}: {' '.join(command or service.command)}: {done.stderr.strip()[-2000:]}")
        return done.stdout

    def until_healthy(self, *names: str) -> None:
        """Raises StartError for one that ends, or does not become healthy in time."""
        deadline = time.monotonic() + PATIENCE
        for name in names:
            service, process = self.running[name]
            while self._ask(service):
                if process.poll() is not None:
                    raise StartError(f"{name} ended by itself ({process.returncode}):\n{self.last_words(name)}")
                if time.monotonic() > deadline:
                    raise StartError(f"{name} is not healthy after {PATIENCE} seconds:\n{self.last_words(name)}")
                time.sleep(0.3)

    def _ask(self, service: Service) -> int:
        with subprocess.Popen(  # noqa: S603 - what compose.yaml says
            self._command(service, *service.healthy),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            return process.wait(PATIENCE)

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def last_words(self, name: str) -> str:
        return "\n".join(self.log(name).read_text(errors="replace").splitlines()[-15:])

    def _command(self, service: Service, *command: str) -> list[str]:
        return [*self.network.inside(service.name), *self.confinement.command(service, *command)]
