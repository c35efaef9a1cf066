"""Margin ranking: the formula, its gradients, and what comes of training by it."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from inference.engines import registry
from inference.engines.protocols import EngineError
from inference.training.margin_ranking import MarginRankingParameters, RankedPrompt, ranking_loss, train

FAMILIES = {"transformers-seq2seq": "seq2seq_checkpoint", "transformers-causal": "causal_checkpoint"}
RANKED = [
    RankedPrompt(
        "sad church music", [], ["slow organ", "fast drums", "long echo in a hall", "rain"], [0.1, 0.4, 0.3, 0.2]
    ),
    RankedPrompt("gym workout tune", ["loud drums"], ["calm flute", "deep bass and drums", "birds"], [0.2, 0.9, -0.3]),
]
FAST = {"learning_rate": 3e-3, "epochs": 6}


@pytest.fixture(params=FAMILIES)
def rewriter(request):
    return loaded(request.param, request.getfixturevalue(FAMILIES[request.param]))


def loaded(engine: str, checkpoint: str, dtype: str = "float64"):
    values = {"instruction": "{prompt}: ", "exemplar_instruction": "{exemplars}; {prompt}: ", "dtype": dtype}
    return registry.load(engine, checkpoint, values=values)


def parameters(**values) -> MarginRankingParameters:
    return MarginRankingParameters.model_validate(values)


def from_the_formula(s: list[float], scores: list[float], margin: float, noise_floor: float) -> float:
    """Σ_i Σ_{j>i} max(0, s_j − s_i + (j − i)·m), pair by pair."""
    total = 0.0
    for i in range(len(s)):
        for j in range(i + 1, len(s)):
            if scores[i] - scores[j] < noise_floor or scores[i] == scores[j]:
                continue
            total += max(0.0, s[j] - s[i] + (j - i) * margin)
    return total


@pytest.mark.parametrize("noise_floor", [0.0, 0.15, 0.5])
@pytest.mark.parametrize("margin", [0.0, 0.001, 0.05, 1.0])
@pytest.mark.parametrize("size", [2, 8, 16])
def test_agrees_with_the_formula(size, margin, noise_floor):
    generator = torch.Generator().manual_seed(size)
    s = torch.randn(size, generator=generator, dtype=torch.float64) - 3
    scores = torch.rand(size, generator=generator, dtype=torch.float64).sort(descending=True).values

    found = ranking_loss(s, scores, margin, noise_floor).item()

    assert found == pytest.approx(from_the_formula(s.tolist(), scores.tolist(), margin, noise_floor), abs=1e-9)


def test_gradients_are_those_of_finite_differences():
    s = torch.tensor([-2.0, -1.1, -3.2, -2.4, -0.7], dtype=torch.float64, requires_grad=True)
    scores = torch.tensor([0.9, 0.7, 0.5, 0.45, 0.1], dtype=torch.float64)

    assert torch.autograd.gradcheck(lambda values: ranking_loss(values, scores, 0.05, 0.1), s)


def test_gradients_reach_the_weights_as_finite_differences_say(rewriter):
    """Along a random direction in weight space. T5 takes its variances in float32, hence the wide step."""
    prompt = RANKED[0].sorted_best_first()
    scores = torch.tensor(prompt.scores)
    weights = [weight for weight in rewriter.model.parameters() if weight.requires_grad]
    generator = torch.Generator().manual_seed(1)
    direction = [torch.randn(weight.shape, generator=generator, dtype=weight.dtype) for weight in weights]

    def loss() -> torch.Tensor:
        return ranking_loss(rewriter.log_likelihoods(prompt.request, prompt.candidates), scores, 0.05)

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


def test_the_first_epoch_reports_the_losses_of_the_untouched_model(rewriter):
    choices = parameters(margin=0.05, length_penalty=0.6, cross_entropy=0.1, epochs=1)
    prompt = RANKED[0]
    order = sorted(range(4), key=lambda index: -prompt.scores[index])
    sums, lengths = rewriter.token_log_likelihoods(prompt.request, [prompt.candidates[i] for i in order])
    s = [total / length**0.6 for total, length in zip(sums.tolist(), lengths.tolist(), strict=True)]
    rank_loss = from_the_formula(s, [prompt.scores[i] for i in order], 0.05, 0.0)
    cross_entropy = -sums[0].item() / lengths[0].item()
    right = [s[i] > s[j] for i, j in itertools.combinations(range(4), 2)]

    (entry,) = train(rewriter, [prompt], choices).curve

    assert entry["rank_loss"] == pytest.approx(rank_loss, abs=1e-6)
    assert entry["cross_entropy"] == pytest.approx(cross_entropy, abs=1e-6)
    assert entry["loss"] == pytest.approx(rank_loss + 0.1 * cross_entropy, abs=1e-6)
    assert entry["ranking_accuracy"] == pytest.approx(sum(right) / len(right))


def test_ranking_accuracy_rises(rewriter):
    curve = train(rewriter, RANKED, parameters(**FAST | {"epochs": 12})).curve

    assert [entry["epoch"] for entry in curve] == list(range(1, 13))
    assert curve[-1]["rank_loss"] < 0.5 * curve[0]["rank_loss"]
    assert curve[-1]["ranking_accuracy"] == 1.0 > curve[0]["ranking_accuracy"]


def test_the_trained_weights_rank_as_the_feedback_does(rewriter):
    weights = train(rewriter, RANKED, parameters(**FAST | {"epochs": 12})).weights

    rewriter.load_weights(weights)

    for prompt in map(RankedPrompt.sorted_best_first, RANKED):
        likelihoods = rewriter.log_likelihoods(prompt.request, prompt.candidates).tolist()
        assert likelihoods == sorted(likelihoods, reverse=True)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("engine", FAMILIES)
def test_the_same_input_gives_the_same_bytes(engine, dtype, request):
    checkpoint = request.getfixturevalue(FAMILIES[engine])
    first = train(loaded(engine, checkpoint, dtype), RANKED, parameters(**FAST))
    torch.rand(3)  # the global generator has no say
    again = train(loaded(engine, checkpoint, dtype), RANKED, parameters(**FAST))
    other = train(loaded(engine, checkpoint, dtype), RANKED, parameters(**FAST, seed=1))

    assert again == first
    assert other.weights != first.weights


def test_the_order_of_candidates_does_not_matter(rewriter):
    turned = [RankedPrompt(p.text, p.exemplars, p.candidates[::-1], p.scores[::-1]) for p in RANKED]

    assert train(rewriter, turned, parameters(epochs=1)) == train(rewriter, RANKED, parameters(epochs=1))


def test_the_engine_that_is_trained_from_stays_as_it_is(rewriter):
    before, rng = rewriter.weights(), torch.get_rng_state()

    result = train(rewriter, RANKED, parameters(**FAST))

    assert rewriter.weights() == before != result.weights
    assert all(weight.grad is None for weight in rewriter.model.parameters())
    assert torch.equal(torch.get_rng_state(), rng)
    assert not torch.are_deterministic_algorithms_enabled()


def test_progress_is_told_after_each_epoch(rewriter):
    told = []

    result = train(rewriter, RANKED, parameters(epochs=2), progress=told.append)

    assert told == result.curve


def test_a_prompt_without_two_distinct_candidates_is_skipped_and_named(rewriter):
    alone = RankedPrompt("rain", [], ["soft rain", " soft rain "], [0.1, 0.9])
    level = RankedPrompt("hall", [], ["echo", "echoes"], [0.5, 0.5])

    result = train(rewriter, [alone, *RANKED, level], parameters(epochs=1))

    assert result.curve[0]["prompts"] == 2
    assert [entry["text"] for entry in result.curve[0]["skipped"]] == ["rain", "hall"]
    assert result.weights == train(rewriter, RANKED, parameters(epochs=1)).weights


def test_nothing_to_learn_from_is_an_error(rewriter):
    with pytest.raises(EngineError, match="fewer than two distinct candidates"):
        train(rewriter, [RankedPrompt("rain", [], ["soft rain"] * 3, [1, 2, 3])], parameters())
    with pytest.raises(EngineError, match="no two scores further apart than the noise"):
        train(rewriter, RANKED, parameters(noise_floor=2.0))
    with pytest.raises(EngineError, match="there are none"):
        train(rewriter, [], parameters())


@pytest.mark.filterwarnings("ignore:overflow")
def test_a_loss_that_leaves_the_numbers_stops_and_says_what_to_do(rewriter):
    with torch.no_grad():
        for weight in rewriter.model.parameters():
            weight.mul_(1e200)

    with pytest.raises(EngineError, match="lower learning_rate"):
        train(rewriter, RANKED, parameters())


@pytest.mark.parametrize("scores", [[math.nan, 1.0], [math.inf, 1.0], [1.0]])
def test_scores_that_are_missing_or_no_numbers_are_refused(scores):
    with pytest.raises(EngineError, match="rain"):
        RankedPrompt("rain", [], ["soft", "loud"], scores).sorted_best_first()


def test_doubled_candidates_are_merged_at_their_mean_score():
    prompt = RankedPrompt("rain", [], ["soft", "loud", "soft"], [0.9, 0.6, 0.1]).sorted_best_first()

    assert prompt.candidates == ["loud", "soft"]
    assert prompt.scores == [0.6, 0.5]
