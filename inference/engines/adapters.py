"""Weights that training may change: all of a model's, or low-rank adapters beside frozen ones (LoRA, by peft)."""

from __future__ import annotations

import copy
import json
from typing import Any

import safetensors.torch
import torch
from peft import LoraConfig, inject_adapter_in_model
from peft.utils import get_peft_model_state_dict, set_peft_model_state_dict
from safetensors import SafetensorError
from transformers.pytorch_utils import Conv1D

from inference.engines import checkpoints
from inference.engines.protocols import EngineError
from inference.training.parameters import Lora

_METADATA = "audionese-lora"


def trainable_copy(model: Any, lora: Lora | None, seed: int = 0) -> Any:
    """A model to train: a whole copy in at least float32, or one that shares the weights and has adapters of its own.

    Raises EngineError for full fine-tuning of a model with adapters, whose changes could not be told apart.
    """
    if lora is None and has_adapters(model):
        raise EngineError("This checkpoint consists of LoRA adapters: go on training it with `lora`, or from its base.")
    shared = {} if lora is None else {id(p): p for n, p in model.named_parameters() if "lora_" not in n}
    twin = copy.deepcopy(model, shared)
    if lora is None:
        if model.dtype != torch.float64:
            twin.float()
        return twin.requires_grad_(True)
    if not has_adapters(twin):
        _inject(twin, lora, seed)
    for name, weight in twin.named_parameters():
        weight.requires_grad_("lora_" in name)
    return twin


def has_adapters(model: Any) -> bool:
    return bool(getattr(model, "peft_config", None))


def dump(model: Any) -> bytes:
    """Safetensors: of the adapters with their form in the metadata, or of all weights."""
    if not has_adapters(model):
        return checkpoints.to_bytes(model)
    tensors = {name: checkpoints.stored(t) for name, t in sorted(get_peft_model_state_dict(model).items())}
    config = model.peft_config["default"]
    return safetensors.torch.save(tensors, {_METADATA: json.dumps({"rank": config.r, "alpha": config.lora_alpha})})


def load(model: Any, weights: bytes) -> None:
    """Copies what `dump` gave into the model. Raises EngineError, with nothing changed, unless all of it fits."""
    form = _form(weights)
    if form is None:
        return checkpoints.from_bytes(model, weights)
    tensors = safetensors.torch.load(weights)
    twin = trainable_copy(model, Lora(**form))  # tried on a copy: injecting cannot be undone
    expected = {name: tuple(t.shape) for name, t in get_peft_model_state_dict(twin).items()}
    if expected != {name: tuple(t.shape) for name, t in tensors.items()}:
        raise EngineError("The checkpoint's adapters belong to another model: use the rewriter it was trained from.")
    if not has_adapters(model):
        _inject(model, Lora(**form), seed=0)
    set_peft_model_state_dict(model, tensors)
    model.requires_grad_(False)
    return None


def _inject(model: Any, lora: Lora, seed: int) -> None:
    transposed = any(isinstance(module, Conv1D) for module in model.modules())  # GPT-2's linear layers
    config = LoraConfig(
        r=lora.rank, lora_alpha=lora.alpha, target_modules="all-linear", lora_dropout=0.0, fan_in_fan_out=transposed
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        inject_adapter_in_model(config, model)
    model.eval()


def _form(weights: bytes) -> dict[str, Any] | None:
    """The adapters' form as the file's header tells it; None for whole weights. Raises EngineError when unreadable."""
    try:
        header = json.loads(weights[8 : 8 + int.from_bytes(weights[:8], "little")])
        found = header.get("__metadata__", {}).get(_METADATA)
        return json.loads(found) if found else None
    except (ValueError, AttributeError, SafetensorError) as error:
        fault = f"The checkpoint's weights are not readable safetensors ({error}): train it again."
        raise EngineError(fault) from error
