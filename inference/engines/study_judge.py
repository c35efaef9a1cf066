"""A study judge: a head that votes have trained, over the frozen embeddings of one scorer or several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inference.engines.parameters import StudyJudgeParameters
from inference.engines.parts import Ensemble
from inference.engines.protocols import EngineError
from inference.judging import weights
from inference.judging.weights import Heads


class StudyJudge(Ensemble):
    """Its embeddings are its scorers', side by side, so that texts and sounds are alike as these find them. What it
    says of a pair is in the unit of their plain score: taught by no vote it is that score.

    A text, or what a clip was made from, that its votes were about is judged by the head that was kept from these.
    """

    heads: Heads | None = None
    _weights = b""

    def __init__(self, checkpoint: str, revision: str, parameters: StudyJudgeParameters) -> None:
        """checkpoint: the name of the stored file that `load_weights` is given."""
        super().__init__(parameters.scorers)

    def load_weights(self, content: bytes) -> None:
        """Raises EngineError for what is no judge, or one of other scorers."""
        try:
            found = weights.from_bytes(content)
        except weights.Unreadable as error:
            raise EngineError(str(error)) from error
        dims = [len(part.taste) for part in found.whole.parts]
        if dims != self.dims:
            raise EngineError(f"This judge was trained on embeddings of {dims} numbers; its scorers give {self.dims}.")
        self.heads, self._weights = found, content

    def relate(
        self, references: Sequence[str], texts: np.ndarray, told: Sequence[str], clips: np.ndarray
    ) -> np.ndarray:
        """[items]. texts, clips: [items, dim] as embedded here; told: what the generator was told for each clip.

        Raises EngineError for a text and a clip that no single head is free of.
        """
        if self.heads is None:
            raise EngineError("This judge has no weights yet: choose one that was trained (results, tab Judge).")
        values = np.zeros(len(references))
        for at, (reference, words) in enumerate(zip(references, told, strict=True)):
            try:
                head = self.heads.for_pair(reference, words)
            except weights.Straddles as error:
                raise EngineError(f"{error} {reference!r} cannot be judged with a clip of {words!r}.") from error
            sides = self.split(texts[at : at + 1]), self.split(clips[at : at + 1])
            values[at] = head.unit * float(head.utility(*sides)[0])
        return values

    def fingerprint(self) -> str:
        return self._with(self._weights)
