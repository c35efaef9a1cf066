"""A Python environment with just the packages of an image, made in a moment: links into the one that runs this.

Versions are those of the development environment: it shows which packages an image needs, not that an index has them.
"""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config.processes import StartError
from config.topology.images import Image

SITE = Path(sysconfig.get_path("purelib")).resolve()
BASE = Path(sys.base_prefix).resolve()  # of the interpreter itself


def make(folder: Path, image: Image, requirements: Path) -> Path:
    """`folder`, now a virtual environment. requirements: the folder with their files. Raises StartError."""
    wanted = list(_listed([requirements / name for name in image.requirements]))
    found = _with_all_they_need(wanted)
    found |= {d.name: d for d in map(_installed, _listed([requirements / name for name in image.alone]))}
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "lib" / f"python{version}" / "site-packages"
    site.mkdir(parents=True)
    (folder / "bin").mkdir()
    for name in ("python", "python3"):
        (folder / "bin" / name).symlink_to(BASE / "bin" / f"python{version}")
    (folder / "pyvenv.cfg").write_text(f"home = {BASE / 'bin'}\ninclude-system-site-packages = false\n")
    for top in {top for one in found.values() for top in _tops(one)}:
        (site / top).symlink_to(SITE / top)
    return folder


def _listed(files: Iterable[Path]) -> Iterator[Requirement]:
    """The requirements of files, those that they name with -r included."""
    for file in files:
        for line in file.read_text().splitlines():
            line = re.split(r"\s#|^#", line)[0].strip()
            if line.startswith("-r "):
                yield from _listed([file.parent / line.removeprefix("-r ").strip()])
            elif line and not line.startswith("-"):
                yield Requirement(line)


def _with_all_they_need(wanted: list[Requirement]) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(requirement, extra) for requirement in wanted for extra in ("", *requirement.extras)]
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        found[name] = one = _installed(requirement)
        for needed in map(Requirement, one.requires or ()):
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                waiting += [(needed, each) for each in ("", *needed.extras)]
    return found


def _installed(requirement: Requirement) -> Distribution:
    try:
        return distribution(requirement.name)
    except PackageNotFoundError as error:
        raise StartError(f"{requirement.name} is not installed here: run script/setup dev.") from error


def _tops(one: Distribution) -> set[str]:
    """Its files and folders at the top of site-packages."""
    tops = {file.parts[0] for file in one.files or () if file.parts[0] not in ("..", "__pycache__")}
    return {top for top in tops if (SITE / top).exists()}
