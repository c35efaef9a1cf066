"""The sandbox's judge: it compares a text with the known truth of a sound instead of listening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inference.engines.parameters import NoParameters
from inference.engines.protocols import EngineError
from inference.sandbox.vocabulary import relevance


class SandboxOracle:
    """Ground truth of the sandbox, to measure what listening scorers and raters find. Needs no checkpoint."""

    def __init__(self, checkpoint: str = "", revision: str = "", parameters: NoParameters | None = None) -> None:
        """Nothing to load."""

    def judge(self, references: Sequence[str], truths: Sequence[Mapping[str, str]]) -> list[float]:
        """Relevance 0..1 of each sound to its reference. Raises EngineError for a sound of unknown truth."""
        if not all(truths):
            raise EngineError("The sandbox's oracle judges sounds of the sandbox's synthesiser only: nothing is known.")
        return [float(relevance(text, truth)) for text, truth in zip(references, truths, strict=True)]
