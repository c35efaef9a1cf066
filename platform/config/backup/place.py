"""Where a backup goes: written beside its name, and there only when it is whole."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from config.backup import BackupError

ENDING, PARTIAL = ".backup", ".partial"


def named(target: str) -> Path:
    """The file itself, or one with the time in its name in a folder (made, where it is written with a slash)."""
    path = Path(target)
    if target.endswith("/"):
        path.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        path = path / f"audionese-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{ENDING}"
    if path.exists():
        raise BackupError(f"{path} is there already: name another file, or a folder.")
    if not path.parent.is_dir():
        raise BackupError(f"There is no folder {path.parent}: make it, or end its name with a slash.")
    return path


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, readable by its owner alone, that gets its name once its bytes are on the disk.

    What an earlier run left that was killed is removed; one that another process is writing is held by it.
    """
    _clear(path.parent)
    partial = path.with_name(path.name + PARTIAL)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
            file.flush()
            os.fsync(file.fileno())
            partial.rename(path)
        _sync(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def keep(folder: Path, count: int) -> list[Path]:
    """Deletes all but the newest `count` whole backups that a folder was given; those deleted."""
    old = sorted(folder.glob(f"audionese-*{ENDING}"))[:-count]
    for path in old:
        path.unlink()
    return old


def _clear(folder: Path) -> None:
    for path in folder.glob(f"*{ENDING}{PARTIAL}"):
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
