"""What the Dockerfile says of a target: its variables, and the lists of packages that it installs."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PIP = re.compile(r"(--no-deps )?-r requirements/(\S+\.txt)")


@dataclass(frozen=True)
class Image:
    """requirements: files whose packages come with all that they need; alone: those whose packages come as they are."""

    environment: dict[str, str]
    requirements: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()


def read(dockerfile: Path, target: str) -> Image:
    """Of one target, the stages that it builds upon included."""
    stages = _stages(dockerfile)
    lines: list[str] = []
    stage: str | None = target
    while stage in stages:
        lines = stages[stage][1] + lines
        stage = stages[stage][0]
    found = [match for line in lines if line.startswith("RUN") for match in _PIP.findall(line)]
    return Image(
        _environment(lines),
        tuple(file for alone, file in found if not alone),
        tuple(file for alone, file in found if alone),
    )


def _stages(dockerfile: Path) -> dict[str, tuple[str, list[str]]]:
    """Of each stage the one that it builds upon, and its instructions, a line each."""
    text = "\n".join(line for line in dockerfile.read_text().splitlines() if not line.lstrip().startswith("#"))
    stages: dict[str, tuple[str, list[str]]] = {}
    lines: list[str] = []
    for line in text.replace("\\\n", " ").splitlines():
        if match := re.match(r"FROM (\S+) AS (\S+)", line):
            lines = []
            stages[match[2]] = (match[1], lines)
        elif line.strip():
            lines.append(line.strip())
    return stages


def _environment(lines: list[str]) -> dict[str, str]:
    found = {"PATH": SYSTEM_PATH}
    for line in lines:
        if line.startswith("ENV "):
            for word in shlex.split(line.removeprefix("ENV ")):
                name, _, value = word.partition("=")
                found[name] = value.replace("$PATH", found["PATH"])
    return found
