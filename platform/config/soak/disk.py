"""A small disk under audio files, and under what PostgreSQL writes ahead, which can be filled. It needs root."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SIZE = 192 * 2**20  # bytes: in memory while it is full, and only then
PIECE = bytes(2**20)


class Disk:
    """Mounted while the block runs; `missing` says why where it could not be."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.missing = folder, ""
        self.ballast = folder / "ballast"

    def __enter__(self) -> Disk:
        self.folder.mkdir(parents=True, exist_ok=True)
        told = _run("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0755", "audionese-soak", str(self.folder))
        self.missing = told and f"a small disk cannot be mounted here ({told}); run it as root"
        return self

    def __exit__(self, *_: object) -> None:
        release(self.folder)

    def place(self, name: str, owner: str | None) -> Path:
        """An empty folder on it."""
        made = self.folder / name
        made.mkdir(mode=0o700)
        if owner:
            shutil.chown(made, owner)
        return made

    def takes(self, folder: Path, owner: str | None) -> None:
        """Moves a folder here; a link stays where it was."""
        moved = self.folder / folder.name
        shutil.move(folder, moved)
        folder.symlink_to(moved)
        for path in (moved, *moved.rglob("*")) if owner else ():
            shutil.chown(path, owner or "")

    def fill(self) -> None:
        """Until nothing more fits."""
        size = len(PIECE)
        with self.ballast.open("wb", buffering=0) as file:
            while size:
                try:
                    file.write(PIECE[:size])
                except OSError:
                    size //= 2

    def free(self) -> None:
        self.ballast.unlink(missing_ok=True)


def release(folder: Path) -> None:
    """What a soak that was itself killed has left mounted there."""
    if folder.is_mount():
        _run("umount", "--lazy", str(folder))


def _run(*command: str) -> str:
    """Why it failed; empty where it did not."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603 - our own words
    except OSError as error:
        return str(error)
    return done.stderr.strip() if done.returncode else ""
