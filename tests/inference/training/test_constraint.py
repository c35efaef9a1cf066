"""A floor of fidelity under the ranking: what no candidate can buy with alignment."""

from __future__ import annotations

import itertools
import random

import pytest

from inference.engines.protocols import EngineError
from inference.training.fine_tuning import fine_tune
from inference.training.parameters import Constraint
from inference.training.ranked import RankedPrompt, constrained
from tests.inference.training.ranked_prompts import RANKED, loaded, parameters

FLOOR = Constraint(floor=0.8)


def drawn(size: int, seed: int) -> tuple[list[float], list[float]]:
    """Scores -1..1 and fidelities 0..1 in tenths, so that some are equal."""
    rng = random.Random(seed)
    return [rng.randrange(-10, 11) / 10 for _ in range(size)], [rng.randrange(11) / 10 for _ in range(size)]


@pytest.mark.parametrize("seed", range(50))
def test_under_a_hard_floor_whoever_holds_it_comes_first_and_the_more_faithful_of_the_others(seed):
    scores, fidelity = drawn(seed % 9 + 1, seed)
    found = constrained(scores, fidelity, FLOOR)

    for i, j in itertools.permutations(range(len(scores)), 2):
        if fidelity[i] >= FLOOR.floor:
            assert found[i] == scores[i]
            assert fidelity[j] >= FLOOR.floor or found[i] > found[j]
        elif fidelity[j] < FLOOR.floor:
            assert (found[i] > found[j]) == (fidelity[i] > fidelity[j])


@pytest.mark.parametrize("seed", range(20))
def test_with_a_weight_the_reward_is_promptists(seed):
    scores, fidelity = drawn(6, seed)

    found = constrained(scores, fidelity, Constraint(floor=0.8, weight=20))

    assert found == pytest.approx([s + 20 * min(f - 0.8, 0) for s, f in zip(scores, fidelity, strict=True)])


@pytest.mark.parametrize("constraint", [None, Constraint(floor=0.0), Constraint(floor=0.0, weight=3)])
def test_without_a_floor_nothing_changes(constraint):
    scores, fidelity = drawn(6, 1)

    assert constrained(scores, fidelity, constraint) == scores
    assert constrained([], [], constraint) == []


def test_training_ranks_under_the_constraint():
    """The prompt's best candidate loses its place, as if it had been scored so from the beginning."""
    first = RANKED[0]
    unfaithful = RankedPrompt(first.text, [], first.candidates, first.scores, [1.0, 0.5, 1.0, 0.7])
    asked = RankedPrompt(first.text, [], first.candidates, [0.1, 0.1 - 0.3, 0.3, 0.1 - 0.1], [1.0, 0.5, 1.0, 0.7])
    constraint = {"floor": 0.8}

    held, plain = unfaithful.held_to(FLOOR).sorted_best_first(), unfaithful.sorted_best_first()

    assert held.candidates == ["long echo in a hall", "slow organ", "rain", "fast drums"] != plain.candidates
    assert held.scores == pytest.approx(asked.sorted_best_first().scores)
    assert held.fidelity == [1.0, 1.0, 0.7, 0.5]
    assert parameters(constraint=constraint).constraint == FLOOR


def test_a_trained_rewriter_prefers_what_holds_the_floor(seq2seq_checkpoint):
    rewriter = loaded("transformers-seq2seq", seq2seq_checkpoint)
    first = RANKED[0]
    prompt = RankedPrompt(first.text, [], first.candidates, first.scores, [1.0, 0.5, 1.0, 0.7])

    result = fine_tune(rewriter, [prompt], parameters(learning_rate=5e-3, epochs=15, constraint={"floor": 0.8}))

    rewriter.load_weights(result.weights)
    ranked = ["long echo in a hall", "slow organ", "rain", "fast drums"]
    assert rewriter.log_likelihoods(prompt.request, ranked).tolist() == sorted(
        rewriter.log_likelihoods(prompt.request, ranked).tolist(), reverse=True
    )


def test_a_constraint_without_measured_fidelity_is_refused():
    with pytest.raises(EngineError, match="fidelity is unknown"):
        RANKED[0].held_to(FLOOR)
