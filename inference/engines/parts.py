"""Engines that are made of scorers: each part is loaded from the registry, their embeddings stand side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from inference.engines import registry
from inference.engines.parameters import Part
from inference.engines.protocols import EngineError, Sound


class Ensemble:
    """Embeddings of unit length: each scorer's, divided by the root of their number. A dot product is then the mean of
    the scorers' own. dims: of each; dim: of all together."""

    def __init__(self, parts: Sequence[Part]) -> None:
        if lacking := sorted({name for one in parts for name in registry.lacking(one.engine)}):
            raise EngineError(f"A part of this engine needs {', '.join(lacking)}, which this worker does not have.")
        self.scorers: list[Any] = [
            registry.load(one.engine, one.checkpoint, one.revision, dict(one.parameters)) for one in parts
        ]
        self.dims = [scorer.dim for scorer in self.scorers]
        self.dim = sum(self.dims)

    @property
    def parts(self) -> list[Any]:
        """Whose weights lie in memory for it."""
        return self.scorers

    def embed_text(self, texts: Sequence[str]) -> np.ndarray:
        return self._beside([scorer.embed_text(texts) for scorer in self.scorers])

    def embed_audio(self, sounds: Sequence[Sound]) -> np.ndarray:
        return self._beside([scorer.embed_audio(sounds) for scorer in self.scorers])

    def _beside(self, rows: list[np.ndarray]) -> np.ndarray:
        return (np.concatenate(rows, axis=1) / np.sqrt(len(rows))).astype(np.float32)

    def split(self, rows: np.ndarray) -> list[np.ndarray]:
        """[items, dim] → of each scorer its own [items, its dim], as it gave them."""
        return np.split(rows * np.sqrt(len(self.dims)), np.cumsum(self.dims)[:-1], axis=1)

    def fingerprint(self) -> str:
        return self._with(b"")

    def _with(self, more: bytes) -> str:
        """The scorers' fingerprints, and what else decides a score, as 64 hex digits."""
        told = "/".join(scorer.fingerprint() for scorer in self.scorers)
        return hashlib.sha256(told.encode() + more).hexdigest()
