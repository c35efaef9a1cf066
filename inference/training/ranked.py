"""Ranked candidates, as a training objective reads them: merged, sorted best first, checked. No torch here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Self

from inference.engines.protocols import EngineError, RewriteRequest
from inference.training.parameters import Constraint


def constrained(scores: Sequence[float], fidelity: Sequence[float], constraint: Constraint | None) -> list[float]:
    """Scores of one prompt's candidates as the constraint has them; higher is better.

    Those that hold the floor keep theirs. Without a weight, every other one comes to lie below the least score, by
    what it lacks; with one, it loses weight·(floor − fidelity).
    """
    if constraint is None or not scores:
        return list(scores)
    lacking = [max(0.0, constraint.floor - each) for each in fidelity]
    least, weight = min(scores), constraint.weight
    return [
        score if not lack else least - lack if weight is None else score - weight * lack
        for score, lack in zip(scores, lacking, strict=True)
    ]


@dataclass(frozen=True)
class RankedPrompt:
    """One training prompt. candidates: rewrites of it, in any order; scores: of each, higher is better.

    fidelity: how much of the prompt each candidate keeps, 0..1; empty where nobody measured it.
    """

    text: str
    exemplars: Sequence[str]
    candidates: Sequence[str]
    scores: Sequence[float]
    fidelity: Sequence[float] = ()

    @property
    def request(self) -> RewriteRequest:
        return RewriteRequest(self.text, tuple(self.exemplars))

    def held_to(self, constraint: Constraint | None) -> Self:
        """With its scores as the constraint has them. Raises EngineError where fidelity was not measured."""
        if constraint is None:
            return self
        if len(self.fidelity) != len(self.scores):
            raise EngineError(f"{self.text!r} is ranked under a constraint, but its candidates' fidelity is unknown.")
        return replace(self, scores=constrained(self.scores, self.fidelity, constraint))

    def sorted_best_first(self) -> Self:
        """Each wording once, with the mean of its scores, best first; of equals in alphabetical order.

        Raises EngineError where a score is missing or not a number.
        """
        if len(self.candidates) != len(self.scores):
            raise EngineError(f"{self.text!r} has {len(self.candidates)} candidates but {len(self.scores)} scores.")
        if self.fidelity and len(self.fidelity) != len(self.candidates):
            raise EngineError(f"{self.text!r} has {len(self.candidates)} candidates, {len(self.fidelity)} fidelities.")
        scores: dict[str, list[float]] = {}
        for candidate, score in zip(self.candidates, self.scores, strict=True):
            scores.setdefault(candidate.strip(), []).append(score)
        if "" in scores or not all(math.isfinite(score) for score in self.scores):
            raise EngineError(f"A candidate of {self.text!r} is empty, or its score is not a number: rank it again.")
        merged = {candidate: fmean(found) for candidate, found in scores.items()}
        order = sorted(merged, key=lambda candidate: (-merged[candidate], candidate))
        kept = dict(zip((text.strip() for text in self.candidates), self.fidelity, strict=False))
        fidelity = [kept[candidate] for candidate in order] if self.fidelity else []
        return type(self)(self.text, self.exemplars, order, [merged[candidate] for candidate in order], fidelity)

    def fault(self, noise_floor: float) -> str:
        """Why this prompt, sorted, teaches nothing; empty when it does."""
        if len(self.candidates) < 2:
            return "fewer than two distinct candidates"
        best, worst = self.scores[0], self.scores[-1]
        return "" if best > worst and best - worst >= noise_floor else "no two scores further apart than the noise"
