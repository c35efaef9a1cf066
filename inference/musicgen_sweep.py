"""MusicGen by batch size and by way of decoding, beside what the memory of the device allows.

Every step reads all of the decoder's weights, so weight bytes ÷ memory bandwidth is the shortest time of a step.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import torch

from inference.bench import PROMPT
from inference.engines import registry

BANDWIDTH_BYTES = 2**28  # of the tensor that is copied to measure the memory


@dataclass(frozen=True)
class Swept:
    """way: transformers' own `generate` (its cache grows), or this project's with static caches, eager or compiled.

    step_floor_ms: weight bytes ÷ measured bandwidth. floor_share: of a step's time, what the memory alone would need.
    script_ratio: clips a second, to those of `generate` with one prompt at a time.
    """

    way: str
    batch: int
    clips_per_s: float
    step_ms: float
    step_floor_ms: float
    floor_share: float
    script_ratio: float


def sweep(folder: Path, batches: Sequence[int], seconds: float, turns: int = 3) -> Iterator[Swept]:
    """Each way at each batch size, medians of turns after two that warm up (and compile)."""
    engine = registry.load("transformers-musicgen", str(folder), values={"compile": "never", "max_batch": max(batches)})
    compiled = registry.load(
        "transformers-musicgen", str(folder), values={"compile": "always", "max_batch": max(batches)}
    )
    floor = weight_bytes(engine.model.decoder) / bandwidth(engine.model.device)
    steps = math.ceil(seconds * engine.frame_rate) + int(engine.delays.max())
    script = _seconds(partial(_generate, engine, [PROMPT.format(0)], steps), turns)
    for batch in batches:
        texts = [PROMPT.format(number) for number in range(batch)]
        ways = {
            "transformers": partial(_generate, engine, texts, steps),
            "static": partial(engine.generate, texts, range(batch), seconds),
            "compiled": partial(compiled.generate, texts, range(batch), seconds),
        }
        for way, run in ways.items():
            took = _seconds(run, turns)
            step = took / steps
            yield Swept(way, batch, batch / took, 1e3 * step, 1e3 * floor, floor / step, batch / took * script)


def weight_bytes(model: torch.nn.Module) -> int:
    return sum(weight.numel() * weight.element_size() for weight in model.parameters())


def bandwidth(device: torch.device, turns: int = 5) -> float:
    """Bytes a second that the device's memory reads and writes, by copying a tensor larger than any cache."""
    source = torch.ones(BANDWIDTH_BYTES, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * BANDWIDTH_BYTES / _seconds(lambda: target.copy_(source), turns)


@torch.inference_mode()
def _generate(engine: Any, texts: Sequence[str], steps: int) -> None:
    words = engine.tokenizer(list(texts), padding=True, return_tensors="pt").to(engine.model.device)
    engine.model.generate(
        input_ids=words["input_ids"],
        attention_mask=words["attention_mask"],
        do_sample=True,
        guidance_scale=engine.parameters.guidance,
        max_new_tokens=steps,
    )


def _seconds(run: Callable[[], Any], turns: int) -> float:
    for _ in range(2):  # compiled code is made in the first call, and once more in the second
        run()
    return median([_timed(run) for _ in range(turns)])


def _timed(run: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    run()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - begun
