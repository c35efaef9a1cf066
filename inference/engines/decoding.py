"""The decode loop: greedy and nucleus sampling in one batch, each item drawing from its own generator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from inference.engines.protocols import EngineError


@dataclass(frozen=True)
class Sampling:
    temperature: float
    top_p: float


def draws(seeds: Sequence[int | None], steps: int) -> Tensor:
    """Uniform numbers [batch, steps], a row for each item from a generator of its own; NaN rows decode greedily.

    Drawn on the CPU, in float64 and ahead of time: the same on every device, in every batch, for every length.
    """
    return torch.stack([_row(seed, steps) for seed in seeds])


def decode(
    step: Callable[[Tensor | None], Tensor],
    uniform: Tensor,
    ends: Tensor,
    sampling: Sampling,
    kept: Sequence[Sequence[int]] = (),
) -> list[list[int]]:
    """Token ids of each item, up to but without its end token.

    step: takes the batch's last tokens [batch] (None at first), gives logits [batch, vocabulary].
    uniform: [batch, steps] from `draws`. ends: [n] token ids that end a text.
    kept: tokens that each item begins with whatever its logits say; its own steps begin behind them.
    """
    tokens, produced = None, []
    finished = torch.zeros(len(uniform), dtype=torch.bool, device=ends.device)
    forced, is_forced = padded(kept or [[]] * len(uniform), ends)
    own, steps = is_forced.sum(1), uniform.shape[1]  # own: where an item's own steps begin
    uniform = uniform.to(ends.device)
    for position in range(forced.shape[1] + steps):
        at = (position - own).clamp(0, steps - 1)
        tokens = choose(step(tokens), uniform.gather(1, at[:, None]).squeeze(1), sampling)
        if position < forced.shape[1]:
            tokens = torch.where(is_forced[:, position], forced[:, position], tokens)
        tokens = torch.where(finished | (position - own >= steps), ends[0], tokens)
        produced.append(tokens)
        finished = finished | torch.isin(tokens, ends)
        if finished.all():
            break
    stops = set(ends.tolist())
    return [_until(row, stops) for row in torch.stack(produced, 1).tolist()]


def choose(logits: Tensor, uniform: Tensor, sampling: Sampling) -> Tensor:
    """[batch, vocabulary], [batch] -> [batch]: the likeliest token where uniform is NaN, else a nucleus sample.

    Nucleus (arXiv 1904.09751): the fewest likeliest tokens that hold top_p of the mass, then the inverse of their
    cumulative distribution. In float64, so that rounding hardly ever moves a draw over a boundary.
    """
    if logits.isnan().any():
        raise EngineError("The model's outputs are not numbers (NaN): use dtype float32, or other weights.")
    likeliest = logits.argmax(-1)
    sampled = ~uniform.isnan()
    if not sampled.any():
        return likeliest
    mass = torch.softmax(logits[sampled].double() / sampling.temperature, -1)
    mass, order = mass.sort(dim=-1, descending=True, stable=True)
    nucleus = mass.cumsum(-1) - mass < sampling.top_p
    cumulative = torch.where(nucleus, mass, 0).cumsum(-1)
    rank = (cumulative <= uniform[sampled, None] * cumulative[:, -1:]).sum(-1, keepdim=True)
    rank = torch.minimum(rank, nucleus.sum(-1, keepdim=True) - 1)
    likeliest[sampled] = order.gather(-1, rank).squeeze(-1)
    return likeliest


def padded(rows: Sequence[Sequence[int]], ends: Tensor, left: bool = False) -> tuple[Tensor, Tensor]:
    """(token ids, mask), both [rows, longest]. Padding holds the id of an end token, so that only the mask tells."""
    width = max(map(len, rows))
    blanks = [[int(ends[0])] * (width - len(row)) for row in rows]
    ids = [[*blank, *row] if left else [*row, *blank] for row, blank in zip(rows, blanks, strict=True)]
    lengths = torch.tensor([len(row) for row in rows])[:, None]
    places = torch.arange(width)
    mask = places >= width - lengths if left else places < lengths
    return torch.tensor(ids, device=ends.device, dtype=torch.long), mask.to(ends.device)


def _row(seed: int | None, steps: int) -> Tensor:
    if seed is None:
        return torch.full((steps,), torch.nan, dtype=torch.float64)
    return torch.rand(steps, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _until(tokens: list[int], ends: set[int]) -> list[int]:
    return next((tokens[:position] for position, token in enumerate(tokens) if token in ends), tokens)
