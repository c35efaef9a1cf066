"""Several scorers as one: a weighted sum of their scores, each brought to a scale of its own first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inference.engines.parameters import CompositeParameters
from inference.engines.parts import Ensemble


class Composite(Ensemble):
    """Σ weight · (score − mean) / spread over its parts. mean and spread are given, not taken from what is scored: a
    clip's score does not hang on its company. hears_words: whether any part does."""

    def __init__(self, checkpoint: str, revision: str, parameters: CompositeParameters) -> None:
        """checkpoint: none; the parts have theirs."""
        super().__init__(parameters.scorers)
        self.parameters = parameters
        self.hears_words = any(getattr(scorer, "hears_words", True) for scorer in self.scorers)

    def relate(
        self, references: Sequence[str], texts: np.ndarray, told: Sequence[str], clips: np.ndarray
    ) -> np.ndarray:
        """[items]. texts, clips: [items, dim] as embedded here."""
        total = np.zeros(len(references))
        for part, read, heard in zip(self.parameters.scorers, self.split(texts), self.split(clips), strict=True):
            scores = np.einsum("id,id->i", read, heard)
            total += part.weight * (scores - part.mean) / part.spread
        return total

    def fingerprint(self) -> str:
        return self._with(self.parameters.model_dump_json().encode())
