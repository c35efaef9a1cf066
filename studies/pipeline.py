"""Which work a finished row makes possible. Pure: values in, values out; `actions` write what it says.

A study goes forward only:  rewrite → clip → score → (ranking → checkpoint → rewrite again) → trial.
An arm walks through stages; a stage ends when every row it asked for is settled.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from inference.training.parameters import Constraint
from inference.training.ranked import constrained

RETRIEVING, CANDIDATES, TRAINING, EVALUATING, FINISHED = (
    "retrieving",
    "candidates",
    "training",
    "evaluating",
    "finished",
)
TRAIN, SELECT, EVALUATE = "train", "select", "evaluate"


def stages(method: str, rounds: int = 1, first: int = 0) -> list[tuple[str, int]]:
    """The (stage, round) pairs an arm walks through, in order; first: the number of its first round."""
    before = {
        "instruct_icl": [(RETRIEVING, 0)],
        "best_of_n": [(CANDIDATES, 0)],
        "instruct_feedback": [(stage, r) for r in range(first, first + rounds) for stage in (CANDIDATES, TRAINING)],
    }.get(method, [])
    last = max((r for _, r in before), default=0)
    return [*before, (EVALUATING, last), (FINISHED, last)]


def next_stage(method: str, rounds: int, stage: str, round_: int, first: int = 0) -> tuple[str, int]:
    """What follows (stage, round); an arm that has not begun is at ("", 0)."""
    walk = stages(method, rounds, first)
    return walk[0] if not stage else walk[walk.index((stage, round_)) + 1]


def item_seed(study_seed: int, *item: object) -> int:
    """The seed of one item of a study, 0 ≤ seed < 2^53 (exact in JSON): it depends on nothing else.

    Arms share the audio seeds of a prompt, so that a paired difference is the text's and not the draw's.
    """
    digest = hashlib.sha256("/".join(map(str, (study_seed, *item))).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 11


def candidate_seed(study_seed: int, prompt: int, round_: int, index: int) -> int | None:
    """The first candidate is greedy (what the rewriter would say anyway), the others are sampled."""
    return None if index == 0 else item_seed(study_seed, "candidate", prompt, round_, index)


def take_seeds(study_seed: int, purpose: str, prompt: int, takes: int) -> list[int]:
    """Audio seeds of one prompt. Ranked takes and judged takes differ: who is chosen by a draw is not judged by it."""
    use = "evaluation" if purpose == EVALUATE else "feedback"
    return [item_seed(study_seed, use, prompt, take) for take in range(takes)]


class Scorers(NamedTuple):
    """Keys of a study's scorers; oracle is None where the world's truth is unknown."""

    feedback: int
    evaluation: int
    oracle: int | None


def wanted_scores(purpose: str, scorers: Scorers, prompt: str, rewrite: str) -> set[tuple[int, str]]:
    """(scorer, reference text) pairs for one clip.

    Ranking needs the teacher's view of the user's prompt; an evaluated clip is scored against the prompt (intent) and
    against the rewrite, by the judge, and against the prompt by teacher and oracle.
    """
    if purpose != EVALUATE:
        return {(scorers.feedback, prompt)}
    scores = {(scorers.evaluation, prompt), (scorers.evaluation, rewrite), (scorers.feedback, prompt)}
    return scores if scorers.oracle is None else scores | {(scorers.oracle, prompt)}


@dataclass(frozen=True)
class Scored:
    """A candidate as feedback sees it: mean score over its takes, None if no take could be scored.

    fidelity: to its prompt, by the measure that its arm ranks by; None where that is not known.
    """

    text: str
    score: float | None
    index: int = 0
    rewrite: int | None = None
    fidelity: float | None = 1.0


def best(candidates: Iterable[Scored], constraint: Constraint | None = None) -> Scored | None:
    """The candidate that feedback likes most, under the constraint; the earlier one of equals."""
    known = [c for c in candidates if c.score is not None and c.fidelity is not None]
    scores = constrained([c.score or 0.0 for c in known], [c.fidelity or 0.0 for c in known], constraint)
    return max(zip(scores, known, strict=True), key=lambda pair: (pair[0], -pair[1].index), default=(0, None))[1]


def ranking(text: str, candidates: Iterable[Scored], exemplars: Sequence[str] = ()) -> dict | None:
    """One ranked training prompt, best first, equal texts merged; None where fewer than two texts differ."""
    unique: dict[str, Scored] = {}
    for candidate in sorted(candidates, key=lambda c: c.index):
        if candidate.score is not None and candidate.fidelity is not None:
            unique.setdefault(candidate.text, candidate)
    order = sorted(unique.values(), key=lambda c: (-(c.score or 0.0), c.index))
    if len(order) < 2:
        return None
    return {
        "text": text,
        "exemplars": list(exemplars),
        "candidates": [c.text for c in order],
        "scores": [c.score for c in order],
        "fidelity": [c.fidelity for c in order],
    }


def sample_prompts(study_seed: int, prompts: Sequence[int], n: int) -> list[int]:
    """n of the prompts, the same ones for every arm of a study, in their own order."""
    chosen = sorted(prompts, key=lambda prompt: item_seed(study_seed, "training prompt", prompt))[:n]
    return [prompt for prompt in prompts if prompt in set(chosen)]


class Amount(NamedTuple):
    """Rows of each kind."""

    rewrites: int = 0
    clips: int = 0
    scores: int = 0
    trainings: int = 0

    def plus(self, other: Amount) -> Amount:
        return Amount(*(a + b for a, b in zip(self, other, strict=True)))


def stage_amount(stage: str, method: str, *, prompts: int, candidates: int, takes: int, scores: int) -> Amount:
    """Rows that a stage which has not begun will ask for, before equal ones are merged."""
    if stage == TRAINING:
        return Amount(trainings=1)
    if stage not in (CANDIDATES, EVALUATING):
        return Amount()
    rewrites = prompts * candidates
    # The original is no work to rewrite, and the best of n was rewritten when it was a candidate.
    made = 0 if stage == EVALUATING and method in ("original", "best_of_n") else rewrites
    return Amount(made, rewrites * takes, rewrites * takes * scores)


def failing(failed: int, settled: int, limit: float, at_least: int = 5) -> bool:
    """Too many failures: more than `at_least` and more than the share `limit` of what has settled."""
    return failed > at_least and failed > limit * settled
