"""The objectives agree with their formulas written out, and their gradients with finite differences."""

from __future__ import annotations

import math

import pytest
import torch

from inference.training.objectives import OBJECTIVES, Likelihoods
from tests.inference.training.ranked_prompts import FAMILIES, RANKED, from_the_formula, loaded, parameters


def likelihoods(size: int, seed: int = 0) -> Likelihoods:
    """Random candidates, best first; two of them scored alike."""
    generator = torch.Generator().manual_seed(100 * size + seed)

    def draw() -> torch.Tensor:
        return torch.rand(size, generator=generator, dtype=torch.float64)

    lengths = torch.randint(3, 20, (size,), generator=generator).double()
    scores = draw().sort(descending=True).values
    scores[size // 2] = scores[size // 2 - 1]
    return Likelihoods(-3 * lengths * (draw() + 0.2), lengths, scores, draw(), -3 * lengths * (draw() + 0.2))


@pytest.mark.parametrize("noise_floor", [0.0, 0.15, 0.5])
@pytest.mark.parametrize("margin", [0.0, 0.001, 0.05, 1.0])
@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0, 2.0])
@pytest.mark.parametrize("size", [2, 8, 16])
def test_margin_ranking_agrees_with_the_formula(size, alpha, margin, noise_floor):
    y = likelihoods(size)
    s = [total / length**alpha for total, length in zip(y.sums.tolist(), y.lengths.tolist(), strict=True)]
    chosen = parameters(margin=margin, length_penalty=alpha, noise_floor=noise_floor)

    found = OBJECTIVES["margin_ranking"](y, chosen).item()

    assert found == pytest.approx(from_the_formula(s, y.scores.tolist(), margin, noise_floor), rel=1e-6, abs=1e-6)


def pairwise(y: Likelihoods, reward: list[float], margin: float, noise_floor: float, fidelity_weight: float) -> float:
    """Mean over pairs of −w_i · log σ(reward_i − reward_j − margin), pair by pair."""
    losses, scores, fidelity = [], y.scores.tolist(), y.fidelity.tolist()
    for i in range(len(reward)):
        for j in range(i + 1, len(reward)):
            if scores[i] - scores[j] < noise_floor or scores[i] == scores[j]:
                continue
            weight = math.exp(-fidelity_weight * (1 - fidelity[i]))
            losses.append(weight * math.log(1 + math.exp(-(reward[i] - reward[j] - margin))))
    return sum(losses) / len(losses)


@pytest.mark.parametrize("fidelity_weight", [0.0, 1.5])
@pytest.mark.parametrize("noise_floor", [0.0, 0.15])
@pytest.mark.parametrize("size", [2, 8, 16])
def test_dpo_and_simpo_agree_with_their_formulas(size, noise_floor, fidelity_weight):
    y = likelihoods(size, seed=1)
    if size == 2:
        y.scores[1] -= 0.6
    shared = {"noise_floor": noise_floor, "fidelity_weight": fidelity_weight}
    over = [0.3 * (a - b) for a, b in zip(y.sums.tolist(), y.reference.tolist(), strict=True)]
    mean = [2.5 * a / n for a, n in zip(y.sums.tolist(), y.lengths.tolist(), strict=True)]

    dpo = OBJECTIVES["dpo"](y, parameters(objective="dpo", beta=0.3, **shared)).item()
    simpo = OBJECTIVES["simpo"](y, parameters(objective="simpo", beta=2.5, target_margin=1.2, **shared)).item()

    assert dpo == pytest.approx(pairwise(y, over, 0.0, noise_floor, fidelity_weight), rel=1e-6)
    assert simpo == pytest.approx(pairwise(y, mean, 1.2, noise_floor, fidelity_weight), rel=1e-6)


def test_a_pair_weighs_less_the_more_intent_its_winner_has_lost():
    sums, lengths = torch.tensor([-9.0, -4.0]).double(), torch.tensor([3.0, 2.0]).double()
    scores, fidelity = torch.tensor([0.8, 0.2]).double(), torch.tensor([0.25, 1.0]).double()
    y = Likelihoods(sums, lengths, scores, fidelity)
    plain = OBJECTIVES["margin_ranking"](y, parameters(margin=0.1)).item()

    weighted = OBJECTIVES["margin_ranking"](y, parameters(margin=0.1, fidelity_weight=2.0)).item()

    assert plain == pytest.approx(-2 + 3 + 0.1)
    assert weighted == pytest.approx(math.exp(-2 * 0.75) * plain)


CHOSEN = [
    {"margin": 0.05, "length_penalty": 0.7, "noise_floor": 0.05},
    {"margin": 0.05, "fidelity_weight": 1.3},
    {"objective": "dpo", "beta": 0.2, "fidelity_weight": 0.5},
    {"objective": "simpo", "beta": 2.0, "target_margin": 0.7},
]


@pytest.mark.parametrize("chosen", CHOSEN)
def test_gradients_are_those_of_finite_differences(chosen):
    y, objective = likelihoods(6, seed=3), parameters(**chosen)

    def loss(sums: torch.Tensor) -> torch.Tensor:
        return OBJECTIVES[objective.objective](
            Likelihoods(sums, y.lengths, y.scores, y.fidelity, y.reference), objective
        )

    assert torch.autograd.gradcheck(loss, y.sums.clone().requires_grad_(True))


def test_dpo_without_a_reference_says_so():
    y = likelihoods(3)
    with pytest.raises(ValueError, match="reference"):
        OBJECTIVES["dpo"](Likelihoods(y.sums, y.lengths, y.scores, y.fidelity), parameters(objective="dpo"))


@pytest.mark.parametrize("engine", FAMILIES)
def test_gradients_reach_the_weights_as_finite_differences_say(engine, request):
    """Along a random direction in weight space. T5 takes its variances in float32, hence the wide step."""
    rewriter = loaded(engine, request.getfixturevalue(FAMILIES[engine]))
    prompt, chosen = RANKED[0].sorted_best_first(), parameters(margin=0.05)
    scores = torch.tensor(prompt.scores, dtype=torch.float64)
    weights = [weight for weight in rewriter.model.parameters() if weight.requires_grad]
    generator = torch.Generator().manual_seed(1)
    direction = [torch.randn(weight.shape, generator=generator, dtype=weight.dtype) for weight in weights]

    def loss() -> torch.Tensor:
        sums, lengths = rewriter.token_log_likelihoods(prompt.request, prompt.candidates)
        return OBJECTIVES["margin_ranking"](Likelihoods(sums, lengths, scores, torch.ones_like(scores)), chosen)

    def moved(step: float) -> float:
        with torch.no_grad():
            for weight, way in zip(weights, direction, strict=True):
                weight.add_(step * way)
        return loss().item()

    loss().backward()
    expected = sum((weight.grad * way).sum().item() for weight, way in zip(weights, direction, strict=True))
    h = 1e-4
    ahead, behind = moved(h), moved(-2 * h)

    assert (ahead - behind) / (2 * h) == pytest.approx(expected, rel=1e-3)
