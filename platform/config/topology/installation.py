"""An installation as compose.yaml describes it, but for what this machine cannot show: see DIFFERENT."""

from __future__ import annotations

import compileall
import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from config.topology import environments, foreign, images, services
from config.topology.confinement import Confinement
from config.topology.environments import BASE, SITE
from config.topology.hosts import Hosts
from config.topology.network import ADDRESSES, Network
from config.topology.services import ROOT, Service

SITE_HOST, PORT = "audionese.local", 443
PORTS = {"redis": 6379, "rabbitmq": 5672}
OUTSIDE = "198.51.100.1:443"  # an address that stands for the internet (RFC 5737)
WORKERS = ("worker", "gpu-audiocraft")
OURS = ("web", "beat", *WORKERS)
# Where compose.yaml is not followed to the letter. No card is here, so the second worker computes on the CPU; and the
# two share the sandbox's engines between them, so that neither can finish a study alone.
DIFFERENT = {
    "proxy": {"HTTP_PORT": "80", "HTTPS_PORT": "443"},  # where compose.yaml publishes them
    "worker": {"AUDIONESE_ENGINES": "transformers-seq2seq,sandbox-synthesiser"},
    "gpu-audiocraft": {
        "AUDIONESE_GPU_WORKER": "0",
        "AUDIONESE_ENGINES": "transformers-clap,audiocraft-musicgen,audiocraft-audiogen,laion-clap",
    },
}
# A small machine's measures.
CHOSEN = {"WORKER_PROCESSES": "1", "WEB_CONCURRENCY": "2", "DB_SHARED_BUFFERS": "128MB"}


class Installation:
    """folder: an empty one; all that is kept lies there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.all: dict[str, Service] = {}
        self.closing = ExitStack()
        self.token = self.which = ""

    def __enter__(self) -> Installation:
        self.network = self.closing.enter_context(Network())
        self.hosts = self.closing.enter_context(Hosts(self.network, Confinement(self.folder, SITE_HOST)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.close()

    def begin(self) -> None:
        """Secrets, hosts, environments; the database, migrated; the proxy."""
        subprocess.run(["sh", ROOT / "script" / "secrets", SITE_HOST, self.folder], check=True, capture_output=True)  # noqa: S603, S607
        for room in ("platform", "studies", "inference"):
            compileall.compile_dir(ROOT / room, quiet=2)  # as the Dockerfile does
        self.all = services.read(self.folder, **CHOSEN)
        for name, variables in DIFFERENT.items():
            self.all[name] = self.all[name].with_environment(**variables)
        for host in ADDRESSES:
            self.network.add(host, reaches=("db", "broker") if host in WORKERS else _visited(host))
        foreign.database(self.hosts, self.all["db"])
        for target in {service.image for name, service in self.all.items() if name in ADDRESSES and service.image}:
            image = images.read(ROOT / "Dockerfile", target)
            environments.make(self.folder / "environments" / target, image, ROOT / "requirements")
        self.hosts.run(self.all["migrate"])
        self.hosts.start(self.all["proxy"])
        self.hosts.until_healthy("proxy")

    def work_with(self, which: str) -> None:
        """Everything up with that broker; with another one before, all but the database and the proxy start anew."""
        self.which = which
        self.hosts.stop(*(name for name in ("broker", *OURS) if name in self.hosts.running))
        self.hosts.start(foreign.broker(self.folder, self.all["broker"], which))
        self.hosts.until_healthy("broker")
        self.hosts.start(*(self.all[name] for name in OURS))
        self.hosts.until_healthy(*OURS)

    def draft(self, names: Sequence[str]) -> None:
        """Studies by REST, whose listening tests the operator then makes plain."""
        self.token = self._operate("account").strip()
        self.hosts.run(self._visitor(), *_python("journey", "draft", *names))
        self._operate("plain", *names)

    def conduct(self, name: str) -> dict[str, Any]:
        """What was seen of a study from outside, from its launch to its results."""
        return json.loads(self.hosts.run(self._visitor(), *_python("journey", "conduct", name)))

    def done(self, names: Sequence[str]) -> dict[str, Any]:
        """Who did the work of each study, and which worker serves what."""
        return json.loads(self._operate("work", *names))

    def looked_around(self) -> dict[str, Any]:
        """What each of our services sees, is and may, from inside."""
        asked = [f"{ADDRESSES['db']}:5432", f"{ADDRESSES['broker']}:{PORTS[self.which]}"]
        asked += [f"{ADDRESSES['web']}:8000", f"{ADDRESSES['proxy']}:{PORT}", OUTSIDE]
        words = ["python", "platform/config/topology/reach.py", *asked]
        return {name: json.loads(self.hosts.run(self.all[name], *words)) for name in OURS}

    def _operate(self, *words: str) -> str:
        return self.hosts.run(self.all["web"], *_python("operating", *words))

    def _visitor(self) -> Service:
        """Somebody outside, who trusts the proxy's own authority: has all packages, and a way to the proxy alone."""
        authority = self.folder / "volumes" / "certificates" / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        environment = {
            "PATH": str(Path(sys.prefix) / "bin"),
            "PYTHONPATH": "/app/platform:/app/client/src",
            "AUDIONESE_URL": f"https://{SITE_HOST}",
            "AUDIONESE_TOKEN": self.token,
            "SSL_CERT_FILE": "/authority.crt",
        }
        given = {"/authority.crt": authority, "/app": ROOT, str(SITE): SITE, str(BASE): BASE}
        given[sys.prefix] = Path(sys.prefix).resolve()
        return Service("visitor", "", (), environment, (10002, 10002), given=given)


def _visited(host: str) -> tuple[str, ...] | None:
    return ("proxy",) if host == "visitor" else None


def _python(module: str, *words: str) -> list[str]:
    return ["python", "-m", f"config.topology.{module}", *words]
