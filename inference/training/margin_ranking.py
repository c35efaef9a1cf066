"""Margin ranking: the rewriter learns to find likelier what the feedback scored higher.

L = Σ_i Σ_{j>i} max(0, s_j − s_i + (j − i)·m) + λ·CE(best), candidates sorted best first, s(y) the length-normalised
log-likelihood (BRIO, arXiv 2203.16804; for text-to-audio prompts arXiv 2311.00897). One optimiser step a prompt;
without dropout, so that the curve shows learning and not its noise (ours).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from inference.engines.protocols import EngineError
from inference.training.parameters import MarginRankingParameters
from inference.training.ranked import RankedPrompt

__all__ = ["MarginRankingParameters", "RankedPrompt", "TrainingResult", "ranking_loss", "train"]


@dataclass(frozen=True)
class TrainingResult:
    """weights: safetensors bytes. curve: an entry for each epoch, means over its prompts, each before its own step.

    An entry: {"epoch", "loss", "rank_loss", "cross_entropy", "ranking_accuracy", "prompts",
    "skipped": [{"text", "reason"}]}; losses in nats a token, summed over pairs.
    """

    weights: bytes
    curve: list[dict[str, Any]]


def train(
    rewriter: Any,
    ranked: Sequence[RankedPrompt],
    parameters: MarginRankingParameters,
    progress: Callable[[dict[str, Any]], None] | None = None,
) -> TrainingResult:
    """Fine-tunes a copy of a `TransformersRewriter`, which itself stays as it is. The same input gives the same bytes.

    progress: called with each epoch's entry of the curve.
    Raises EngineError where no prompt has two candidates to tell apart, or the loss is no longer a number.
    """
    prompts, skipped = _usable(ranked, parameters.noise_floor)
    student = rewriter.copy_for_training()
    optimizer = torch.optim.AdamW(student.model.parameters(), lr=parameters.learning_rate, weight_decay=0.0)
    order = torch.Generator().manual_seed(parameters.seed)
    curve = []
    with deterministic():
        for epoch in range(1, parameters.epochs + 1):
            visits = torch.randperm(len(prompts), generator=order).tolist()
            steps = [_step(student, prompts[visit], optimizer, parameters) for visit in visits]
            means = {key: fmean(step[key] for step in steps) for key in steps[0]}
            curve.append({"epoch": epoch, **means, "prompts": len(prompts), "skipped": skipped})
            if progress:
                progress(curve[-1])
    return TrainingResult(student.weights(), curve)


def ranking_loss(s: Tensor, scores: Tensor, margin: float, noise_floor: float = 0.0) -> Tensor:
    """Σ_i Σ_{j>i} max(0, s_j − s_i + (j − i)·m): a scalar.

    s: [candidates] log-likelihoods, best first. scores: [candidates] feedback, descending.
    Pairs whose scores are equal, or closer than the noise floor, are left out.
    """
    rank = torch.arange(len(s), dtype=s.dtype, device=s.device)
    wanted = (rank[None] - rank[:, None]) * margin
    shortfall = s[None] - s[:, None] + wanted  # [i, j]
    return shortfall.clamp(min=0)[_pairs(scores, noise_floor)].sum()


@contextmanager
def deterministic() -> Iterator[None]:
    """Only deterministic kernels inside; what was set before holds again outside."""
    before, warned = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warned)


def _step(
    student: Any, prompt: RankedPrompt, optimizer: torch.optim.Optimizer, parameters: MarginRankingParameters
) -> dict[str, float]:
    """One optimiser step on one prompt's candidates; what was measured before it."""
    sums, lengths = student.token_log_likelihoods(prompt.request, prompt.candidates)
    lengths = lengths.to(sums.dtype)
    scores = torch.tensor(prompt.scores, dtype=torch.float64, device=sums.device)
    s = sums / lengths**parameters.length_penalty
    rank_loss = ranking_loss(s, scores, parameters.margin, parameters.noise_floor)
    cross_entropy = -sums[0] / lengths[0]
    loss = rank_loss + parameters.cross_entropy * cross_entropy
    optimizer.zero_grad()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(student.model.parameters(), parameters.gradient_clip)
    if not (loss.isfinite() and norm.isfinite()):
        raise EngineError(f"Training left the numbers (loss {loss.item()}) at {prompt.text!r}: lower learning_rate.")
    optimizer.step()
    i, j = _pairs(scores, parameters.noise_floor).nonzero(as_tuple=True)
    return {
        "loss": loss.item(),
        "rank_loss": rank_loss.item(),
        "cross_entropy": cross_entropy.item(),
        "ranking_accuracy": (s[i] > s[j]).double().mean().item(),
    }


def _pairs(scores: Tensor, noise_floor: float) -> Tensor:
    """[candidates, candidates] of bool: i before j, and scored apart."""
    apart = scores[:, None] - scores[None]
    return (apart > 0) & (apart >= noise_floor)


def _usable(ranked: Sequence[RankedPrompt], noise_floor: float) -> tuple[list[RankedPrompt], list[dict[str, str]]]:
    """(prompts to learn from, sorted best first; the others with why not)."""
    prompts = [prompt.sorted_best_first() for prompt in ranked]
    skipped = [{"text": p.text, "reason": fault} for p in prompts if (fault := p.fault(noise_floor))]
    usable = [prompt for prompt in prompts if not prompt.fault(noise_floor)]
    if not usable:
        reasons = "; ".join(sorted({entry["reason"] for entry in skipped})) or "there are none"
        raise EngineError(
            f"Nothing to learn from {len(ranked)} ranked prompts ({reasons}): sample more candidates, or hotter."
        )
    return usable, skipped
