"""The decode loop: greedy and nucleus sampling in one batch, each item drawing from its own generator.

Candidates of one prompt can be spread: arithmetic sampling (arXiv 2210.15458) lays the numbers that decide them evenly
over 0..1, so that they differ from each other as far as the model allows, while each is still a plain sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from inference.engines.protocols import EngineError

SHORTLIST = 512  # tokens
CODE_BITS = 30  # of float64's 53: what is left of a code is then still exact


@dataclass(frozen=True)
class Sampling:
    temperature: float
    top_p: float


def draws(seeds: Sequence[int | None], steps: int) -> Tensor:
    """Uniform numbers [batch, steps], a row for each item from a generator of its own; NaN rows decode greedily.

    Drawn on the CPU, in float64 and ahead of time: the same on every device, in every batch, for every length.
    """
    return torch.stack([_row(seed, steps) for seed in seeds])


def codes(seeds: Sequence[int | None], strata: Sequence[tuple[int, int] | None]) -> Tensor:
    """[batch] of a number in 0..1, drawn within each item's stratum (the i-th of n parts); NaN where it has none."""
    rows = [_code(seed, stratum) for seed, stratum in zip(seeds, strata, strict=True)]
    return torch.tensor(rows, dtype=torch.float64)


def decode(
    step: Callable[[Tensor | None], Tensor],
    uniform: Tensor,
    ends: Tensor,
    sampling: Sampling,
    kept: Sequence[Sequence[int]] = (),
    code: Tensor | None = None,
) -> list[list[int]]:
    """Token ids of each item, up to but without its end token.

    step: takes the batch's last tokens [batch] (None at first), gives logits [batch, vocabulary].
    uniform: [batch, steps] from `draws`. ends: [n] token ids that end a text.
    kept: tokens that each item begins with whatever its logits say; its own steps begin behind them.
    code: [batch] from `codes`; decides an item's first tokens, until CODE_BITS of it are used up.
    """
    tokens, produced = None, []
    finished = torch.zeros(len(uniform), dtype=torch.bool, device=ends.device)
    forced, is_forced = padded(kept or [[]] * len(uniform), ends)
    own, steps = is_forced.sum(1), uniform.shape[1]  # own: where an item's own steps begin
    uniform = uniform.to(ends.device)
    code = torch.full_like(uniform[:, 0], torch.nan) if code is None else code.to(ends.device)
    spent = torch.zeros_like(code)  # bits of the code
    for position in range(forced.shape[1] + steps):
        at = (position - own).clamp(0, steps - 1)
        drawn = uniform.gather(1, at[:, None]).squeeze(1)
        coded = ~code.isnan() & (spent < CODE_BITS) & (position >= own)
        tokens, low, mass = choose(step(tokens), torch.where(coded, code, drawn), sampling)
        code = torch.where(coded, ((code - low) / mass).clamp(0, 1 - 2**-53), code)
        spent = torch.where(coded, spent - mass.log2(), spent)
        if position < forced.shape[1]:
            tokens = torch.where(is_forced[:, position], forced[:, position], tokens)
        tokens = torch.where(finished | (position - own >= steps), ends[0], tokens)
        produced.append(tokens)
        finished = finished | torch.isin(tokens, ends)
        if finished.all():
            break
    stops = set(ends.tolist())
    return [_until(row, stops) for row in torch.stack(produced, 1).tolist()]


def choose(logits: Tensor, uniform: Tensor, sampling: Sampling) -> tuple[Tensor, Tensor, Tensor]:
    """[batch, vocabulary], [batch] -> tokens [batch]: the likeliest where uniform is NaN, else a nucleus sample.

    With each token where its interval of 0..1 begins and how wide it is: [batch] each, 0 and 1 where greedy.

    Nucleus (arXiv 1904.09751): the fewest likeliest tokens that hold top_p of the mass, then the inverse of their
    cumulative distribution. In float64, so that rounding hardly ever moves a draw over a boundary.
    """
    if logits.isnan().any():
        raise EngineError("The model's outputs are not numbers (NaN): use dtype float32, or other weights.")
    likeliest = logits.argmax(-1)
    low, width = torch.zeros_like(uniform), torch.ones_like(uniform)
    sampled = ~uniform.isnan()
    if not sampled.any():
        return likeliest, low, width
    mass = torch.softmax(logits[sampled].double() / sampling.temperature, -1)
    mass, order = _likeliest_first(mass, sampling.top_p)
    nucleus = mass.cumsum(-1) - mass < sampling.top_p
    cumulative = torch.where(nucleus, mass, 0).cumsum(-1)
    rank = (cumulative <= uniform[sampled, None] * cumulative[:, -1:]).sum(-1, keepdim=True)
    rank = torch.minimum(rank, nucleus.sum(-1, keepdim=True) - 1)
    likeliest[sampled] = order.gather(-1, rank).squeeze(-1)
    chosen = mass.gather(-1, rank)
    low[sampled] = ((cumulative.gather(-1, rank) - chosen) / cumulative[:, -1:]).squeeze(-1)
    width[sampled] = (chosen / cumulative[:, -1:]).squeeze(-1)
    return likeliest, low, width


def _likeliest_first(mass: Tensor, enough: float) -> tuple[Tensor, Tensor]:
    """(mass, token ids) of as many of the likeliest tokens as hold `enough` of it in every row: [rows, found].

    A trained model's nucleus is a small part of its vocabulary, all of which is slow to sort.
    """
    if mass.shape[-1] > 2 * SHORTLIST:
        best, order = mass.topk(SHORTLIST, dim=-1)
        if bool((best.sum(-1) >= enough).all()):
            return best, order
    return mass.sort(dim=-1, descending=True, stable=True)


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


def _code(seed: int | None, stratum: tuple[int, int] | None) -> float:
    if seed is None or stratum is None:
        return torch.nan
    generator = torch.Generator().manual_seed(seed ^ 0x5DEECE66D)  # not that of the item's draws
    return (stratum[0] + float(torch.rand((), generator=generator, dtype=torch.float64))) / stratum[1]


def _until(tokens: list[int], ends: set[int]) -> list[int]:
    return next((tokens[:position] for position, token in enumerate(tokens) if token in ends), tokens)
