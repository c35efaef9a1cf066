"""Checkpoints that are plain torch files: where they lie, and reading them without running what they hold."""

from __future__ import annotations

import pickle  # nosec B403 (the name of its error: nothing is unpickled by it)
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import snapshot_download

from inference.engines.checkpoints import fetch_command, first_line, is_folder_name, not_fetched
from inference.engines.protocols import EngineError

_UNREADABLE = (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError, EOFError)


def folder_with(checkpoint: str, revision: str, files: Sequence[str], optional: Sequence[str] = ()) -> Path:
    """The folder that holds the files: the one named, or the hub repository's snapshot of that revision.

    optional: patterns of what is fetched as well where the repository has it. Raises EngineError naming the file that
    is missing, where it was looked for and how to get it.
    """
    if not checkpoint:
        raise EngineError("This engine needs a checkpoint: a hub name, or a path on this machine.")
    local = is_folder_name(checkpoint)
    folder = Path(checkpoint).expanduser().absolute() if local else _snapshot(checkpoint, revision, files, optional)
    remedy = "copy the checkpoint's files there" if local else fetch_command(checkpoint, revision, files)
    for name in files:
        if not (folder / name).is_file():
            raise EngineError(f"Checkpoint {checkpoint!r}: no {name} in {folder}; {remedy}.")
    return folder


def read(path: Path, allowed: Iterable[Any] = ()) -> Any:
    """What torch.save wrote, tensors mapped from the file. allowed: classes beside tensors and plain data.

    Raises EngineError where the file is damaged, or holds anything else: unpickling that could run code.
    """
    try:
        with torch.serialization.safe_globals(list(allowed)):
            return torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except pickle.UnpicklingError as error:
        raise EngineError(f"{path} {_rejected(path)}: get it from its publisher again.") from error
    except _UNREADABLE as error:
        raise EngineError(f"{path} is damaged ({first_line(error)}): copy or fetch it again.") from error


def _snapshot(checkpoint: str, revision: str, files: Sequence[str], optional: Sequence[str]) -> Path:
    try:
        return Path(snapshot_download(checkpoint, revision=revision or None, allow_patterns=[*files, *optional]))
    except _UNREADABLE as error:
        raise EngineError(not_fetched(checkpoint, revision, error, files)) from error


def _rejected(path: Path) -> str:
    """What a file holds that is neither tensor nor allowed data, by name where torch can tell."""
    try:
        found = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    except (ValueError, *_UNREADABLE):
        found = []
    return f"holds more than weights ({', '.join(found)})" if found else "is damaged"
