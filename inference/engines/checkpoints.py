"""Where weights come from and how they travel: hub names, folders, shipped checkpoints, safetensors bytes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from pickle import UnpicklingError  # nosec B403 (its name alone)
from typing import Any

import safetensors.torch
import torch
from huggingface_hub import constants, try_to_load_from_cache
from huggingface_hub.errors import GatedRepoError
from safetensors import SafetensorError
from transformers import AutoTokenizer
from transformers.utils import logging

from inference.engines.protocols import EngineError

logging.disable_progress_bar()  # a worker's log is no terminal
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # before CUDA starts: it then adds in one order
SHIPPED = Path(__file__).parents[1] / "sandbox" / "checkpoints"
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError, UnpicklingError)


def locate(checkpoint: str) -> str:
    """What `from_pretrained` is to be given: `sandbox:NAME` becomes its folder, all else stays as it is.

    Raises EngineError for an empty name, or for a folder without a config.json.
    """
    if not checkpoint:
        raise EngineError("This engine needs a checkpoint: a hub name, a folder, or sandbox:NAME for a shipped one.")
    place = str(SHIPPED / checkpoint.removeprefix("sandbox:")) if checkpoint.startswith("sandbox:") else checkpoint
    shipped = Path(place).parent == SHIPPED
    if (shipped or is_folder_name(place)) and not Path(place, "config.json").is_file():
        remedy = "`manage.py build_sandbox` makes it" if shipped else "copy the checkpoint's folder there"
        raise EngineError(f"Checkpoint {checkpoint!r}: no config.json in {Path(place).absolute()}; {remedy}.")
    return place


def pretrained(auto: Any, checkpoint: str, revision: str = "", **options: Any) -> Any:
    """`auto.from_pretrained`, with every failure told as an EngineError: which checkpoint, where, what to do."""
    place = locate(checkpoint)
    try:
        return auto.from_pretrained(place, revision=revision or "main", **options)
    except _UNREADABLE as error:
        raise EngineError(_explain(checkpoint, place, revision, error)) from error


def pretrained_tokenizer(checkpoint: str, revision: str = "") -> Any:
    """The tokenizer. Raises EngineError for a hollow one: without its files transformers makes it up, and goes on."""
    tokenizer = pretrained(AutoTokenizer, checkpoint, revision)
    if is_hollow(tokenizer):
        place = locate(checkpoint)
        raise EngineError(f"Checkpoint {checkpoint!r} lacks its tokenizer's files (tokenizer.json) in {place}.")
    return tokenizer


def is_hollow(tokenizer: Any) -> bool:
    """Whether a tokenizer knows no words: transformers makes such a one where its files are missing."""
    known = tokenizer("a sound", add_special_tokens=False, truncation=False)["input_ids"]
    return not known or tokenizer.unk_token_id in known


def pretrained_model(auto: Any, checkpoint: str, revision: str, dtype: str) -> Any:
    """The model in evaluation mode on the best device at hand.

    Raises EngineError as well when the file lacks weights: transformers would fill them at random and go on.
    """
    options = {"dtype": getattr(torch, dtype), "output_loading_info": True}
    model, report = pretrained(auto, checkpoint, revision, **options)
    lacking = sorted(report["missing_keys"]) + sorted(str(key) for key in report["mismatched_keys"])
    if lacking:
        raise EngineError(
            f"Checkpoint {checkpoint!r} is not a whole {type(model).__name__}: {len(lacking)} weights are missing or "
            f"have another shape ({', '.join(lacking[:3])} …). Choose the engine that this checkpoint was made for."
        )
    return model.eval().to("cuda" if torch.cuda.is_available() else "cpu")


def is_folder_name(name: str) -> bool:
    """Whether a checkpoint's name is a path on this machine rather than a hub name."""
    return Path(name).is_absolute() or name.startswith((".", "~")) or Path(name).is_dir() or name.count("/") > 1


def commit_of(checkpoint: str, revision: str = "") -> str:
    """The commit that a hub name of the local cache stands for; empty for folders and names that are not there."""
    if checkpoint.count("/") != 1 or Path(checkpoint).is_dir():
        return ""
    for name in ("config.json", "model_index.json", "state_dict.bin"):
        found = try_to_load_from_cache(checkpoint, name, cache_dir=constants.HF_HUB_CACHE, revision=revision or "main")
        if isinstance(found, str):
            return Path(found).parts[Path(found).parts.index("snapshots") + 1]
    return ""


def half_on_gpu(dtype: str) -> str:
    """`auto` as a dtype: half precision where a GPU is at hand, single elsewhere."""
    if dtype != "auto":
        return dtype
    return "float16" if torch.cuda.is_available() else "float32"


def to_bytes(model: torch.nn.Module) -> bytes:
    """Safetensors of the weights, each tied tensor once; float64 is stored as float32, as it was loaded."""
    return safetensors.torch.save({name: stored(tensor) for name, tensor in own_tensors(model)})


def from_bytes(model: torch.nn.Module, weights: bytes) -> None:
    """Copies stored weights into the model. Raises EngineError, with nothing changed, unless all of them fit."""
    try:
        stored = safetensors.torch.load(weights)
    except (SafetensorError, ValueError, KeyError) as error:
        fault = f"The checkpoint's weights are not readable safetensors ({error}): train it again."
        raise EngineError(fault) from error
    shapes = {name: tuple(tensor.shape) for name, tensor in own_tensors(model)}
    if shapes != {name: tuple(tensor.shape) for name, tensor in stored.items()}:
        raise EngineError("The checkpoint's weights belong to another model: use the rewriter it was trained from.")
    with torch.no_grad():
        for name, tensor in own_tensors(model):
            tensor.copy_(stored[name])


def own_tensors(model: torch.nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """(name, tensor) of all that is saved; of tied tensors only the first, as `save_pretrained` does."""
    seen: set[int] = set()
    for name, tensor in model.state_dict().items():
        if tensor.data_ptr() not in seen:
            seen.add(tensor.data_ptr())
            yield name, tensor


def stored(tensor: torch.Tensor) -> torch.Tensor:
    """As it is written: on the CPU, float64 as float32."""
    return tensor.detach().to("cpu", torch.float32 if tensor.dtype == torch.float64 else tensor.dtype).contiguous()


def _explain(checkpoint: str, place: str, revision: str, error: BaseException) -> str:
    """One sentence on what failed, one on the remedy."""
    if Path(place).is_dir():
        fault = damaged(Path(place)) or first_line(error)
        return f"Checkpoint {checkpoint!r} in {Path(place).absolute()} cannot be read: {fault}. Copy its files again."
    return not_fetched(checkpoint, revision, error)


def not_fetched(checkpoint: str, revision: str, error: BaseException, files: Sequence[str] = ()) -> str:
    """Why a hub name's files, all of them unless some are named, are not at hand, and what to do."""
    named = f"Checkpoint {checkpoint!r} (revision {revision or 'main'})"
    fetch = fetch_command(checkpoint, revision, files)
    access = f"ask for access on its page, {constants.ENDPOINT}/{checkpoint}, and log in with `hf auth login`"
    if any(isinstance(cause, GatedRepoError) for cause in (error, error.__cause__)):  # transformers wraps it
        return f"{named} is gated, and the hub does not let this machine in: {access}, then {fetch}."
    return (
        f"{named} is neither on this machine nor in the local cache {constants.HF_HUB_CACHE}, and could not be fetched "
        f"({first_line(error)}). Where the hub is reachable: {fetch}; if it is gated, first {access}."
    )


def fetch_command(checkpoint: str, revision: str, files: Sequence[str] = ()) -> str:
    return f"`{' '.join(['hf download', checkpoint, *files])}{f' --revision {revision}' if revision else ''}`"


def first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def damaged(folder: Path) -> str:
    """Names the file of a folder that is missing or cannot be parsed; empty when all of them can."""
    for path in sorted(folder.glob("*.json")):
        try:
            json.loads(path.read_text("utf-8"))
        except ValueError:
            return f"{path.name} is not valid JSON"
    weights = sorted(folder.glob("*.safetensors"))
    if not weights and not list(folder.glob("*.bin")):
        return "model.safetensors is missing"
    for path in weights:
        try:
            with safetensors.safe_open(path, framework="pt"):
                pass
        except (SafetensorError, OSError) as error:
            return f"{path.name} is damaged ({error})"
    return ""
