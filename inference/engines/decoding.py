"""The decode loop: greedy and nucleus sampling in one batch, each item drawing from its own generator.

Candidates of one prompt can be spread: arithmetic sampling (arXiv 2210.15458) lays the numbers that decide them evenly
over 0..1, so that they differ from each other as far as the model allows, while each is still a plain sample.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor

from inference.engines.protocols import EngineError

SHORTLIST = 512  # tokens
CODE_BITS = 30  # of float64's 53: what is left of a code is then still exact
REMINDERS = 2  # of what a text owes: the model may go on after the first, and spoil it

# Of an item and its tokens so far, those that it must still say before it may end; none where it may.
Owed = Callable[[int, list[int]], list[int]]


@dataclass(frozen=True)
class Sampling:
    temperature: float
    top_p: float


@dataclass
class Line:
    """One item while it is decoded. due: tokens that come next whatever its logits say; own: of its model, so far.

    room: how many tokens of its model it may have. owed: asked when it would end.
    """

    room: int
    due: list[int]
    owed: Callable[[list[int]], list[int]]
    said: list[int] = field(default_factory=list)
    own: int = 0
    reminders: int = 0
    ended: bool = False

    def take(self, chosen: int, ends: Collection[int]) -> None:
        """The next token: what is due, else what its model has chosen."""
        if self.ended:
            return
        if not self.due:
            self.own += 1
            if chosen in ends:
                self._end()
            else:
                self.due = [chosen]
        self.said += self.due[:1]
        self.due = self.due[1:]
        if not self.due and (self.own >= self.room or self.reminders == REMINDERS):
            self._end()

    def _end(self) -> None:
        """Unless something is owed."""
        if self.reminders < REMINDERS:
            self.due = list(self.owed(self.said))
            self.reminders += 1
        self.ended = not self.due


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
    owed: Owed | None = None,
) -> list[list[int]]:
    """Token ids of each item, up to but without its end token.

    step: takes the batch's last tokens [batch] (None at first), gives logits [batch, vocabulary].
    uniform: [batch, steps] from `draws`. ends: [n] token ids that end a text.
    kept: tokens that each item begins with whatever its logits say; its own steps begin behind them.
    code: [batch] from `codes`; decides an item's first tokens, until CODE_BITS of it are used up.
    owed: what an item says, beside its own steps, before it ends; it may then go on once.
    """
    tokens, stops, steps = None, set(ends.tolist()), uniform.shape[1]
    uniform = uniform.to(ends.device)
    code = torch.full_like(uniform[:, 0], torch.nan) if code is None else code.to(ends.device)
    spent = torch.zeros_like(code)  # bits of the code
    lines = [
        Line(steps, list(kept[i]) if kept else [], partial(owed, i) if owed else lambda said: [])
        for i in range(len(uniform))
    ]
    while not all(line.ended for line in lines):
        at, due = (
            torch.tensor(each, device=ends.device)
            for each in ([min(line.own, steps - 1) for line in lines], [bool(line.due) for line in lines])
        )
        drawn = uniform.gather(1, at[:, None]).squeeze(1)
        coded = ~code.isnan() & (spent < CODE_BITS) & ~due
        chosen, low, mass = choose(step(tokens), torch.where(coded, code, drawn), sampling)
        code = torch.where(coded, ((code - low) / mass).clamp(0, 1 - 2**-53), code)
        spent = torch.where(coded, spent - mass.log2(), spent)
        for line, token in zip(lines, chosen.tolist(), strict=True):
            line.take(token, stops)
        tokens = torch.tensor([ends[0] if line.ended else line.said[-1] for line in lines], device=ends.device)
    return [line.said for line in lines]


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
