"""The bare decoder-only rewriter under feedback, small and for real: what a floor and a guard save, and at what price.

docs/experiments/pareto.md has the whole of it, over seeds and test prompts.
"""

from __future__ import annotations

from functools import cache, partial
from statistics import fmean

from inference.engines import registry
from inference.engines.protocols import RewriteRequest
from inference.sandbox.build import CHECKPOINTS
from inference.sandbox.quality import expected_relevance
from inference.sandbox.vocabulary import shipped_prompts, still_asked
from inference.training.fine_tuning import fine_tune
from inference.training.parameters import parse
from inference.training.ranked import RankedPrompt
from studies.fidelity import kept_terms, lost

CANDIDATES = 6
TRAINING = {"length_penalty": 0.0, "margin": 0.5, "epochs": 3}
FLOOR = {"constraint": {"floor": 1.0}}


def prompts(split: str, every: int) -> list[str]:
    return [row["text"] for row in shipped_prompts() if (row["kind"], row["split"]) == ("open", split)][::every]


def rewriter(**values):
    values = {"instruction": "rewrite: {prompt} =>", "max_new_tokens": 48, "dtype": "float64"} | values
    return registry.load("transformers-causal", str(CHECKPOINTS / "rewriter-gpt2"), values=values)


def asked(texts: list[str], seeds=(None,)) -> list[RewriteRequest]:
    return [RewriteRequest(text, seed=seed, lost=partial(lost, text)) for text in texts for seed in seeds]


@cache
def ranked(keep_terms: bool) -> list[RankedPrompt]:
    """Six candidates a prompt, each heard once by the CLAP that teaches."""
    texts = prompts("train", every=5)
    requests = asked(texts, (None, *range(1, CANDIDATES)))
    made = rewriter(keep_terms=keep_terms).rewrite(requests)
    clap = registry.load("transformers-clap", str(CHECKPOINTS / "clap-teacher"))
    sounds = registry.load("sandbox-synthesiser").generate(made, [5] * len(made), seconds=3.0)
    scores = (clap.embed_audio(sounds) * clap.embed_text([request.text for request in requests])).sum(1).tolist()
    found = []
    for at, text in enumerate(texts):
        mine = slice(at * CANDIDATES, (at + 1) * CANDIDATES)
        kept = [kept_terms(text, candidate) for candidate in made[mine]]
        found.append(RankedPrompt(text, [], made[mine], scores[mine], kept))
    return found


@cache
def outcome(keep_terms: bool, floor: bool, epochs: int = TRAINING["epochs"]) -> dict[str, float]:
    """Of greedy rewrites of held-out prompts: relevance to the prompt, and what is left of it. All 0..1."""
    student = rewriter(keep_terms=keep_terms)
    if epochs:
        result = fine_tune(student, ranked(keep_terms), parse(TRAINING | {"epochs": epochs} | (FLOOR if floor else {})))
        student.load_weights(result.weights)
    texts = prompts("validation", every=2)
    pairs = list(zip(texts, student.rewrite(asked(texts)), strict=True))
    return {
        "relevance": fmean(expected_relevance(*pair) for pair in pairs),
        "terms": fmean(kept_terms(*pair) for pair in pairs),
        "wishes": fmean(still_asked(*pair) for pair in pairs),
    }


def gain(found: dict[str, float]) -> float:
    return found["relevance"] - fmean(expected_relevance(text, text) for text in prompts("validation", every=2))


def test_plain_feedback_gains_and_loses_the_prompt():
    before, after = outcome(False, False, epochs=0), outcome(False, False)

    assert gain(after) > gain(before) > 0
    assert after["terms"] < before["terms"] - 0.05
    assert after["wishes"] < before["wishes"]


def test_the_guard_keeps_the_gain_and_loses_no_term():
    plain, guarded = outcome(False, False), outcome(True, False)

    assert gain(guarded) >= 0.9 * gain(plain)
    assert guarded["terms"] == 1


def test_a_floor_under_the_ranking_saves_words_that_plain_feedback_loses():
    plain, floored = outcome(False, False), outcome(False, True)

    assert gain(floored) >= 0.9 * gain(plain)
    assert 1 - floored["terms"] < 0.8 * (1 - plain["terms"])
    assert floored["wishes"] > plain["wishes"]
