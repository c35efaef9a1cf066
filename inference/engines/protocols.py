"""What a rewriter, a generator and a scorer promise, whatever library they wrap.

Seeds belong to items, never to batches: the same item gives the same result whatever it is batched with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np


class EngineError(Exception):
    """An engine cannot do what was asked; the message says what to change."""


class RejectedSound(EngineError):  # noqa: N818 (named for what happened to the sound)
    """A sound that must not be scored or heard; the message says what is wrong with it."""


@dataclass(frozen=True)
class RewriteRequest:
    """One rewrite to make.

    text: the user's prompt. exemplars: expert captions shown to the rewriter, best first.
    seed: None decodes greedily; a number samples with a generator of this item's own.
    stratum: (i, n) makes it the i-th of n samples of this text that are spread over all that the model might say.
    lost: the words of its prompt that a text has lost, in one line; empty where it has all. For `keep_terms`.
    """

    text: str
    exemplars: tuple[str, ...] = ()
    seed: int | None = None
    stratum: tuple[int, int] | None = None
    lost: Callable[[str], str] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Sound:
    """One mono waveform as the engine made it.

    samples: float32 [samples] in -1..1. sample_rate: Hz.
    truth: what the world knows of the sound (sandbox attributes); empty for published generators.
    """

    samples: np.ndarray
    sample_rate: int
    truth: Mapping[str, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.sample_rate


class Rewriter(Protocol):
    def rewrite(self, requests: Sequence[RewriteRequest]) -> list[str]:
        """One rewrite for each request, in order.

        Raises EngineError quoting the first request that cannot be served; its batch-mates are lost with it,
        so the caller asks again one by one. That costs time only: an item never depends on its batch.
        """

    def load_weights(self, weights: bytes) -> None:
        """Replace the model's weights by a fine-tuned checkpoint (safetensors bytes)."""

    def weights(self) -> bytes:
        """The model's weights as `load_weights` takes them; the same weights give the same bytes."""


class Generator(Protocol):
    sample_rate: int  # Hz

    def generate(self, texts: Sequence[str], seeds: Sequence[int], seconds: float) -> list[Sound]:
        """One sound for each (text, seed), in order, each exactly round(seconds * sample_rate) samples long."""


class Scorer(Protocol):
    """A predictor of quality hears no words: its clips' rows hold what it predicts, its texts' rows the weights of
    that, and neither is of unit length."""

    dim: int

    def embed_text(self, texts: Sequence[str]) -> np.ndarray:
        """float32 [n, dim], rows of unit length."""

    def embed_audio(self, sounds: Sequence[Sound]) -> np.ndarray:
        """float32 [n, dim], rows of unit length. A score is the dot product of a text row and an audio row."""

    def fingerprint(self) -> str:
        """64 hex digits that change when weights, tokenizer or preprocessing do: scores compare only within one."""


class PairScorer(Scorer, Protocol):
    """A scorer whose score is more than a dot product."""

    def relate(
        self, references: Sequence[str], texts: np.ndarray, told: Sequence[str], clips: np.ndarray
    ) -> np.ndarray:
        """[items]: the score of each clip for its reference. texts, clips: [items, dim], their embeddings.

        told: what the generator was told for each clip.
        """


class Judge(Protocol):
    """A scorer that knows the truth of a sound instead of listening to it (the sandbox's oracle)."""

    def judge(self, references: Sequence[str], truths: Sequence[Mapping[str, str]]) -> list[float]:
        """Relevance 0..1 of each sound to its reference text."""


Parameters = Mapping[str, Any]
