"""What fine-tuning minimises: one function an objective, the same for encoder-decoder and decoder-only rewriters.

Each takes one prompt's candidates, sorted best first, and gives a scalar. A pair (i, j) has i before j: feedback
prefers candidate i, by at least the noise floor. Its weight w_i falls with the intent that candidate i has lost.

margin ranking   Σ_i Σ_{j>i} w_i · max(0, s_j − s_i + (j − i)·m)           s = Σ log p / |y|^α         arXiv 2203.16804
DPO              mean of −w_i · log σ(β·(r_i − r_j))                        r = Σ log p − Σ log p_ref   arXiv 2305.18290
SimPO            mean of −w_i · log σ(β·(l_i − l_j) − γ)                    l = Σ log p / |y|           arXiv 2405.14734
weight           w_i = exp(−β_f · (1 − fidelity_i))                                                    arXiv 2507.20133
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from inference.training.parameters import Dpo, MarginRanking, SimPo


@dataclass(frozen=True)
class Likelihoods:
    """One prompt's candidates as the rewriter sees them, best first; all tensors [candidates].

    sums: Σ log p(y_t | y_<t, x), differentiable. lengths: |y| in tokens. scores: feedback, descending.
    fidelity: to the prompt, 0..1. reference: sums under the rewriter before training; None unless the objective asks.
    """

    sums: Tensor
    lengths: Tensor
    scores: Tensor
    fidelity: Tensor
    reference: Tensor | None = None

    def normalised(self, length_penalty: float = 1.0) -> Tensor:
        return self.sums / self.lengths**length_penalty


def margin_ranking(y: Likelihoods, p: MarginRanking) -> Tensor:
    """Summed over pairs, in nats (a token, where α is 1)."""
    s, rank = y.normalised(p.length_penalty), torch.arange(len(y.sums), dtype=y.sums.dtype, device=y.sums.device)
    shortfall = s[None] - s[:, None] + (rank[None] - rank[:, None]) * p.margin  # [i, j]
    return (weights(y, p)[:, None] * shortfall.clamp(min=0))[pairs(y.scores, p.noise_floor)].sum()


def dpo(y: Likelihoods, p: Dpo) -> Tensor:
    """Mean over pairs, in nats. Raises ValueError without the reference's likelihoods."""
    if y.reference is None:
        raise ValueError("DPO compares with the rewriter before training: give its likelihoods as `reference`.")
    return _preferred(p.beta * (y.sums - y.reference), y, p)


def simpo(y: Likelihoods, p: SimPo) -> Tensor:
    """Mean over pairs, in nats."""
    return _preferred(p.beta * y.normalised(), y, p, p.target_margin)


def _preferred(reward: Tensor, y: Likelihoods, p: Any, margin: float = 0.0) -> Tensor:
    """Mean over pairs of −w_i · log σ(reward_i − reward_j − margin)."""
    i, j = pairs(y.scores, p.noise_floor).nonzero(as_tuple=True)
    return -(weights(y, p)[i] * logsigmoid(reward[i] - reward[j] - margin)).mean()


def pairs(scores: Tensor, noise_floor: float) -> Tensor:
    """[candidates, candidates] of bool: i before j, scored apart by more than nothing and at least the noise floor."""
    apart = scores[:, None] - scores[None]
    return (apart > 0) & (apart >= noise_floor)


def weights(y: Likelihoods, p: Any) -> Tensor:
    """[candidates] in 0..1: what a pair that this candidate wins weighs."""
    return torch.exp(-p.fidelity_weight * (1 - y.fidelity)).to(y.sums.dtype)


OBJECTIVES: dict[str, Callable[[Likelihoods, Any], Tensor]] = {
    "margin_ranking": margin_ranking,
    "dpo": dpo,
    "simpo": simpo,
}
NEEDS_REFERENCE = {"dpo"}
