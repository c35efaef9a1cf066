"""Fine-tuning on ranked candidates: what the curve says, which epoch is kept, and how training may end."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from inference.engines.protocols import EngineError
from inference.training.fine_tuning import fine_tune
from inference.training.ranked import RankedPrompt
from tests.inference.training.ranked_prompts import FAMILIES, FAST, RANKED, from_the_formula, loaded, parameters


@pytest.fixture(params=FAMILIES)
def rewriter(request):
    return loaded(request.param, request.getfixturevalue(FAMILIES[request.param]))


def test_the_first_epoch_reports_the_losses_of_the_untouched_model(rewriter):
    choices = parameters(margin=0.05, length_penalty=0.6, cross_entropy=0.1, epochs=1)
    prompt = RANKED[0]
    order = sorted(range(4), key=lambda index: -prompt.scores[index])
    sums, lengths = rewriter.token_log_likelihoods(prompt.request, [prompt.candidates[i] for i in order])
    s = [total / length**0.6 for total, length in zip(sums.tolist(), lengths.tolist(), strict=True)]
    rank_loss = from_the_formula(s, [prompt.scores[i] for i in order], 0.05, 0.0)
    cross_entropy = -sums[0].item() / lengths[0].item()
    right = [s[i] > s[j] for i, j in itertools.combinations(range(4), 2)]

    (entry,) = fine_tune(rewriter, [prompt], choices).curve

    assert entry["objective"] == pytest.approx(rank_loss, abs=1e-6)
    assert entry["cross_entropy"] == pytest.approx(cross_entropy, abs=1e-6)
    assert entry["loss"] == pytest.approx(rank_loss + 0.1 * cross_entropy, abs=1e-6)
    assert entry["ranking_accuracy"] == pytest.approx(sum(right) / len(right))


def test_ranking_accuracy_rises(rewriter):
    curve = fine_tune(rewriter, RANKED, parameters(**FAST | {"epochs": 12})).curve

    assert [entry["epoch"] for entry in curve] == list(range(1, 13))
    assert curve[-1]["objective"] < 0.5 * curve[0]["objective"]
    assert curve[-1]["ranking_accuracy"] == 1.0 > curve[0]["ranking_accuracy"]


def test_the_trained_weights_rank_as_the_feedback_does(rewriter):
    weights = fine_tune(rewriter, RANKED, parameters(**FAST | {"epochs": 12})).weights

    rewriter.load_weights(weights)

    for prompt in map(RankedPrompt.sorted_best_first, RANKED):
        likelihoods = rewriter.log_likelihoods(prompt.request, prompt.candidates).tolist()
        assert likelihoods == sorted(likelihoods, reverse=True)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("engine", FAMILIES)
def test_the_same_input_gives_the_same_bytes(engine, dtype, request):
    checkpoint = request.getfixturevalue(FAMILIES[engine])
    first = fine_tune(loaded(engine, checkpoint, dtype), RANKED, parameters(**FAST))
    torch.rand(3)  # the global generator has no say
    again = fine_tune(loaded(engine, checkpoint, dtype), RANKED, parameters(**FAST))
    other = fine_tune(loaded(engine, checkpoint, dtype), RANKED, parameters(**FAST, seed=1))

    assert again == first
    assert other.weights != first.weights


def test_the_order_of_candidates_does_not_matter(rewriter):
    turned = [RankedPrompt(p.text, p.exemplars, p.candidates[::-1], p.scores[::-1]) for p in RANKED]

    assert fine_tune(rewriter, turned, parameters(epochs=1)) == fine_tune(rewriter, RANKED, parameters(epochs=1))


def test_the_engine_that_is_trained_from_stays_as_it_is(rewriter):
    before, rng = rewriter.weights(), torch.get_rng_state()

    result = fine_tune(rewriter, RANKED, parameters(**FAST))

    assert rewriter.weights() == before != result.weights
    assert all(weight.grad is None for weight in rewriter.model.parameters())
    assert torch.equal(torch.get_rng_state(), rng)
    assert not torch.are_deterministic_algorithms_enabled()


def test_progress_is_told_after_each_epoch(rewriter):
    told = []

    result = fine_tune(rewriter, RANKED, parameters(epochs=2), progress=told.append)

    assert told == result.curve


def test_a_prompt_without_two_distinct_candidates_is_skipped_and_named(rewriter):
    alone = RankedPrompt("rain", [], ["soft rain", " soft rain "], [0.1, 0.9])
    level = RankedPrompt("hall", [], ["echo", "echoes"], [0.5, 0.5])

    result = fine_tune(rewriter, [alone, *RANKED, level], parameters(epochs=1))

    assert result.curve[0]["prompts"] == 2
    assert [entry["text"] for entry in result.curve[0]["skipped"]] == ["rain", "hall"]
    assert result.weights == fine_tune(rewriter, RANKED, parameters(epochs=1)).weights


def test_nothing_to_learn_from_is_an_error(rewriter):
    with pytest.raises(EngineError, match="fewer than two distinct candidates"):
        fine_tune(rewriter, [RankedPrompt("rain", [], ["soft rain"] * 3, [1, 2, 3])], parameters())
    with pytest.raises(EngineError, match="no two scores further apart than the noise"):
        fine_tune(rewriter, RANKED, parameters(noise_floor=2.0))
    with pytest.raises(EngineError, match="there are none"):
        fine_tune(rewriter, [], parameters())


@pytest.mark.filterwarnings("ignore:overflow")
def test_a_loss_that_leaves_the_numbers_stops_and_says_what_to_do(rewriter):
    with torch.no_grad():
        for weight in rewriter.model.parameters():
            weight.mul_(1e200)

    with pytest.raises(EngineError, match="lower learning_rate"):
        fine_tune(rewriter, RANKED, parameters())


@pytest.mark.parametrize("scores", [[math.nan, 1.0], [math.inf, 1.0], [1.0]])
def test_scores_that_are_missing_or_no_numbers_are_refused(scores):
    with pytest.raises(EngineError, match="rain"):
        RankedPrompt("rain", [], ["soft", "loud"], scores).sorted_best_first()


def test_doubled_candidates_are_merged_at_their_mean_score():
    prompt = RankedPrompt("rain", [], ["soft", "loud", "soft"], [0.9, 0.6, 0.1]).sorted_best_first()

    assert prompt.candidates == ["loud", "soft"]
    assert prompt.scores == [0.6, 0.5]


EVERY = [
    {"objective": "margin_ranking"},
    {"objective": "margin_ranking", "fidelity_weight": 2.0},
    {"objective": "dpo", "beta": 0.5},
    {"objective": "simpo"},
    {"objective": "margin_ranking", "lora": {"rank": 8, "alpha": 32}, "learning_rate": 2e-2},
]


@pytest.mark.parametrize("chosen", EVERY, ids=lambda chosen: "-".join(map(str, chosen.values())))
def test_every_objective_teaches_both_families_to_rank(rewriter, chosen):
    result = fine_tune(rewriter, RANKED, parameters(**FAST | {"epochs": 15, "learning_rate": 5e-3} | chosen))

    assert result.curve[-1]["ranking_accuracy"] == 1.0 > result.curve[0]["ranking_accuracy"]
    assert result.curve[-1]["objective"] < 0.7 * result.curve[0]["objective"]
    assert result.curve[-1]["kept"] is True

    rewriter.load_weights(result.weights)
    for prompt in map(RankedPrompt.sorted_best_first, RANKED):
        likelihoods = rewriter.log_likelihoods(prompt.request, prompt.candidates).tolist()
        assert likelihoods == sorted(likelihoods, reverse=True)


# Validation


def judged(*claps, fidelity=()):
    """A validation whose CLAP after each epoch is given, epoch 0 first."""
    left = list(zip(claps, fidelity or [1.0] * len(claps), strict=True))

    def validate(student):
        clap, kept = left.pop(0)
        return {"clap": clap, "fidelity": kept}

    return validate


def test_the_epoch_of_the_best_validation_clap_is_kept(rewriter):
    short = fine_tune(rewriter, RANKED, parameters(**FAST | {"epochs": 2}))

    result = fine_tune(
        rewriter, RANKED, parameters(**FAST | {"epochs": 4, "patience": 4}), judged(0.1, 0.2, 0.5, 0.4, 0.3)
    )

    assert [entry.get("kept", False) for entry in result.curve] == [False, False, True, False, False]
    assert [entry["epoch"] for entry in result.curve] == [0, 1, 2, 3, 4]
    assert result.weights == short.weights


def test_training_ends_when_validation_gets_no_better(rewriter):
    result = fine_tune(rewriter, RANKED, parameters(**FAST | {"epochs": 9, "patience": 2}), judged(0.1, 0.3, 0.2, 0.25))

    assert [entry["epoch"] for entry in result.curve] == [0, 1, 2, 3]
    assert "no better validation CLAP for 2 epochs" in result.curve[-1]["stopped"]
    assert result.curve[1]["kept"]


def test_an_epoch_that_loses_the_intent_is_not_better(rewriter):
    validate = judged(0.1, 0.2, 0.9, fidelity=(1.0, 0.9, 0.4))

    result = fine_tune(rewriter, RANKED, parameters(**FAST | {"epochs": 2, "fidelity_floor": 0.8}), validate)

    assert result.curve[1]["kept"]


@pytest.mark.parametrize(
    ("fidelity", "kept"),
    [((0.6, 0.9, 0.8, 0.7), 2), ((0.6, 0.7, 0.72, 0.5), 2), ((0.9, 0.7, 0.72, 0.5), 0)],
    ids=["the best of those that hold", "the most faithful of none", "the untrained one alone holds"],
)
def test_the_floor_comes_before_clap(rewriter, fidelity, kept):
    validate = judged(0.5, 0.2, 0.3, 0.9, fidelity=fidelity)

    choices = parameters(**FAST | {"epochs": 3, "patience": 3, "fidelity_floor": 0.75})
    result = fine_tune(rewriter, RANKED, choices, validate)

    assert [entry["epoch"] for entry in result.curve if entry.get("kept")] == [kept]


def test_where_training_never_helps_the_weights_stay(rewriter):
    before = rewriter.weights()

    result = fine_tune(rewriter, RANKED, parameters(**FAST | {"epochs": 3, "patience": 3}), judged(0.5, 0.4, 0.3, 0.2))

    assert result.curve[0]["kept"]
    assert result.weights == before


# Training that goes astray


def test_a_loss_that_runs_away_ends_training_with_the_last_good_epoch(rewriter):
    result = fine_tune(rewriter, RANKED, parameters(epochs=9, learning_rate=1.0, diverged=1.01))

    assert len(result.curve) < 9
    assert "the loss rose from" in result.curve[-1]["stopped"]
    assert result.curve[-1]["kept"]
    shorter = fine_tune(rewriter, RANKED, parameters(epochs=len(result.curve), learning_rate=1.0, diverged=1.01))
    assert "stopped" not in shorter.curve[-1]
    assert result.weights == shorter.weights


def test_a_loss_that_is_no_number_ends_training_with_the_last_good_epoch(rewriter, monkeypatch):
    from inference.training import fine_tuning

    good, plain = fine_tune(rewriter, RANKED, parameters(epochs=2)), fine_tuning.likelihoods
    calls = []

    def spoiled(student, prompt, reference=None):
        calls.append(prompt)
        if len(calls) > 2 * len(RANKED):
            for weight in student.trainable():
                weight.data.fill_(math.nan)
        return plain(student, prompt, reference)

    monkeypatch.setattr(fine_tuning, "likelihoods", spoiled)
    result = fine_tune(rewriter, RANKED, parameters(epochs=5))

    assert [entry["epoch"] for entry in result.curve] == [1, 2]
    assert "no number" in result.curve[-1]["stopped"]
    assert result.weights == good.weights


def test_a_gradient_that_is_no_number_ends_training_with_the_last_good_epoch(rewriter, monkeypatch):
    """The loss itself is still finite: it is the third epoch's of a run that goes on."""
    good, whole = (fine_tune(rewriter, RANKED, parameters(epochs=epochs)) for epochs in (2, 3))
    plain, gradients = rewriter.copy_for_training, []

    def copy_with_a_hook(*choices):
        student = plain(*choices)
        student.trainable()[0].register_hook(spoil)
        return student

    def spoil(gradient):
        gradients.append(gradient)
        return gradient * math.nan if len(gradients) > 2 * len(RANKED) else None

    monkeypatch.setattr(rewriter, "copy_for_training", copy_with_a_hook)
    result = fine_tune(rewriter, RANKED, parameters(epochs=5))

    assert math.isfinite(whole.curve[2]["loss"])
    assert len(gradients) == 2 * len(RANKED) + 1
    assert [entry["epoch"] for entry in result.curve] == [1, 2]
    assert "no number" in result.curve[-1]["stopped"]
    assert result.weights == good.weights


# LoRA


def test_adapters_are_small_and_leave_the_base_alone(rewriter):
    before = rewriter.weights()

    result = fine_tune(rewriter, RANKED, parameters(**FAST, lora={"rank": 2}))

    assert len(result.weights) < len(before) / 2
    assert rewriter.weights() == before
    assert all(not hasattr(module, "lora_A") for module in rewriter.model.modules())


def test_adapters_are_reloaded_and_trained_further(request, rewriter):
    first = fine_tune(rewriter, RANKED, parameters(**FAST, lora={"rank": 2}))
    rewriter.load_weights(first.weights)
    assert rewriter.weights() == first.weights

    second = fine_tune(rewriter, RANKED, parameters(**FAST, lora={"rank": 2}))

    assert second.weights != first.weights
    assert second.curve[0]["objective"] < first.curve[0]["objective"]
    assert rewriter.weights() == first.weights
    with pytest.raises(EngineError, match="with `lora`"):
        fine_tune(rewriter, RANKED, parameters(**FAST))


def test_adapters_of_another_model_are_refused(request):
    seq2seq, causal = (loaded(engine, request.getfixturevalue(name)) for engine, name in FAMILIES.items())
    weights = fine_tune(seq2seq, RANKED, parameters(epochs=1, lora={"rank": 2})).weights
    before = causal.weights()

    with pytest.raises(EngineError, match="another model"):
        causal.load_weights(weights)
    assert causal.weights() == before


def test_fidelity_follows_its_candidate_through_sorting():
    prompt = RankedPrompt("rain", [], ["soft", "loud", "soft"], [0.1, 0.6, 0.1], [0.9, 0.2, 0.9]).sorted_best_first()

    assert (prompt.candidates, prompt.fidelity) == (["loud", "soft"], [0.2, 0.9])
    with pytest.raises(EngineError, match="fidelities"):
        RankedPrompt("rain", [], ["soft", "loud"], [0.1, 0.6], [0.9]).sorted_best_first()
