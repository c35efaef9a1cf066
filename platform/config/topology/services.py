"""The services of compose.yaml, as Docker Compose itself reads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from config.processes import StartError
from config.topology import images
from config.topology.images import SYSTEM_PATH, Image

ROOT = Path(__file__).resolve().parents[3]
TMP = "/tmp"  # noqa: S108 - of the service's own  # nosec B108


@dataclass(frozen=True)
class Service:
    """image: the target of our own Dockerfile, if it is one. secrets: by name, where each is seen.

    writable: folders that it may write to, and the name under which each is kept. given: what it is shown from outside,
    and where. healthy: the command that asks whether it is healthy.
    """

    name: str
    image: str
    command: tuple[str, ...]
    environment: dict[str, str]
    user: tuple[int, int]
    secrets: dict[str, str] = field(default_factory=dict)
    writable: dict[str, str] = field(default_factory=dict)
    given: dict[str, Path] = field(default_factory=dict)
    healthy: tuple[str, ...] = ()

    def with_environment(self, **more: str) -> Service:
        return replace(self, environment={**self.environment, **more})


def read(folder: Path, **chosen: str) -> dict[str, Service]:
    """All of them. folder: where script/secrets has been. chosen: variables that compose.yaml asks for.

    Raises StartError where Docker Compose does not accept the file.
    """
    words = ["--env-file", str(folder / ".env"), "--project-directory", str(ROOT), "--profile", "gpu"]
    done = subprocess.run(  # noqa: S603 - our own tool
        [Path(sys.executable).parent / "docker-compose", *words, "config", "--format", "json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, **chosen},
    )
    if done.returncode:
        raise StartError(f"Docker Compose does not accept compose.yaml: {done.stderr.strip()}")
    return {name: _service(name, told) for name, told in json.loads(done.stdout)["services"].items()}


def _service(name: str, told: dict[str, Any]) -> Service:
    target = told.get("build", {}).get("target", "")
    image = images.read(ROOT / "Dockerfile", target) if target else Image({"PATH": SYSTEM_PATH})
    user, group = map(int, told["user"].split(":"))
    volumes = told.get("volumes", [])
    tmpfs = [entry.partition(":")[0] for entry in told.get("tmpfs", [])]
    return Service(
        name=name,
        image=target,
        command=tuple(told.get("entrypoint") or ()) + tuple(told.get("command") or ()),
        environment={**image.environment, **{key: value or "" for key, value in told["environment"].items()}},
        user=(user, group),
        secrets={secret["source"]: secret["target"] for secret in told.get("secrets", [])},
        writable={v["target"]: v["source"] for v in volumes if v["type"] == "volume"}
        | {path: f"{name}{path.replace('/', '-')}" for path in tmpfs if path != TMP},
        given={v["target"]: Path(v["source"]) for v in volumes if v["type"] == "bind"},
        healthy=_words(told.get("healthcheck", {}).get("test", [])),
    )


def _words(test: list[str]) -> tuple[str, ...]:
    if test[:1] == ["CMD-SHELL"]:
        return ("sh", "-c", *test[1:])
    return tuple(test[1:])
