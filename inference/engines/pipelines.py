"""diffusers' pipelines from a folder or the hub: every part whole, weights from safetensors only."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers.utils import logging
from huggingface_hub import snapshot_download
from safetensors import SafetensorError

from inference.engines.checkpoints import damaged, first_line, is_folder_name, is_hollow, not_fetched
from inference.engines.protocols import EngineError

logging.disable_progress_bar()  # a worker's log is no terminal
_INDEX = "model_index.json"
_FILES = [_INDEX, *(f"*/*.{kind}" for kind in ("json", "safetensors", "txt", "model"))]
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, SafetensorError)


def load(kind: Any, checkpoint: str, revision: str, dtype: str) -> Any:
    """A pipeline of that class on the best device at hand, its models in evaluation mode.

    Parts are loaded one by one, because a pipeline's own `from_pretrained` fills missing weights at random and goes on.
    Raises EngineError: which part of the checkpoint, where it was looked for, what to do.
    """
    folder = _folder(checkpoint, revision)
    named = _index(folder, checkpoint)
    wanted = [name for name in inspect.signature(kind.__init__).parameters if name != "self"]
    lacking = [name for name in wanted if name not in named]
    if lacking:
        raise EngineError(
            f"Checkpoint {checkpoint!r} in {folder} is no {kind.__name__}: its "
            f"{_INDEX} names no {', '.join(lacking)}. Choose the engine that this checkpoint was made for."
        )
    parts = {name: _part(checkpoint, folder / name, named[name], dtype) for name in wanted}
    return kind(**parts).to("cuda" if torch.cuda.is_available() else "cpu")


def _folder(checkpoint: str, revision: str) -> Path:
    """The checkpoint's folder: the one named, or the hub repository's snapshot."""
    if not checkpoint:
        raise EngineError("This engine needs a checkpoint: a hub name, or a folder with a model_index.json.")
    if is_folder_name(checkpoint):
        return Path(checkpoint).expanduser().absolute()
    try:
        return Path(
            snapshot_download(
                checkpoint, revision=revision or None, allow_patterns=_FILES, ignore_patterns="*.fp16.safetensors"
            )
        )
    except _UNREADABLE as error:
        raise EngineError(not_fetched(checkpoint, revision, error)) from error


def _index(folder: Path, checkpoint: str) -> dict[str, Any]:
    """Which library and class each part is of."""
    try:
        found = json.loads((folder / _INDEX).read_text("utf-8"))
    except OSError:
        raise EngineError(
            f"Checkpoint {checkpoint!r}: no {_INDEX} in {folder}; copy the pipeline's whole folder there."
        ) from None
    except ValueError as error:
        raise EngineError(f"Checkpoint {checkpoint!r}: {_INDEX} in {folder} is not valid JSON ({error}).") from None
    return {name: tuple(value) for name, value in found.items() if isinstance(value, list) and len(value) == 2}


def _part(checkpoint: str, folder: Path, named: tuple[str | None, str | None], dtype: str) -> Any:
    """One model, tokenizer, scheduler or feature extractor; None where the checkpoint says that it has none."""
    if named[1] is None:
        return None
    kind = getattr(diffusers, named[1], None) or getattr(transformers, named[1], None)
    if kind is None:
        raise EngineError(f"Checkpoint {checkpoint!r}: its {folder.name} is a {named[1]}, which no library here knows.")
    try:
        return _model(kind, folder, dtype) if issubclass(kind, torch.nn.Module) else _tool(kind, folder)
    except _UNREADABLE as error:
        fault = (damaged(folder) if issubclass(kind, torch.nn.Module) else "") or first_line(error)
        raise EngineError(
            f"Checkpoint {checkpoint!r}: its {folder.name} in {folder} cannot be read: {fault}. Copy its files again."
        ) from error


def _model(kind: Any, folder: Path, dtype: str) -> torch.nn.Module:
    name = "dtype" if issubclass(kind, transformers.PreTrainedModel) else "torch_dtype"  # each library's own word
    options = {name: getattr(torch, dtype), "output_loading_info": True, "use_safetensors": True}
    model, report = kind.from_pretrained(folder, **options)
    lacking = sorted(map(str, [*report["missing_keys"], *report["mismatched_keys"]]))
    if lacking:
        raise ValueError(f"{len(lacking)} weights are missing or have another shape ({', '.join(lacking[:3])} …)")
    return model.eval()


def _tool(kind: Any, folder: Path) -> Any:
    made = kind.from_pretrained(folder)
    if isinstance(made, transformers.PreTrainedTokenizerBase) and is_hollow(made):
        raise ValueError("the tokenizer's files are missing")
    return made
