"""What the CLAPs of both libraries share: texts of one length together, sounds in fixed windows, rows of unit length.

LAION's reference crops clips longer than its window at random (LAION-AI/CLAP#166). Here the windows are fixed and their
embeddings averaged, so that a clip always scores the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inference.engines.batching import Batches
from inference.engines.mel import MelSettings, cut, fill
from inference.engines.protocols import EngineError, Sound
from inference.engines.resampling import resample


class WindowedClap:
    """A CLAP whose towers a subclass brings. dim: of the shared space. settings: how its audio tower hears."""

    model: Any
    tokenizer: Any
    parameters: Any  # with window_seconds, text_tokens and max_batch
    settings: MelSettings
    batches: Batches
    dim: int
    _fingerprint = ""

    def embed_text(self, texts: Sequence[str]) -> np.ndarray:
        """float32 [texts, dim], rows of unit length. Raises EngineError for a text without a word."""
        blank = [number for number, text in enumerate(texts) if not text.strip()]
        if blank:
            raise EngineError(
                f"Text {blank[0] + 1} of {len(texts)} is empty: there is nothing to compare a sound with."
            )
        tokens = [self._text_tokens(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda number: len(tokens[number]))
        alike = groupby(order, key=lambda number: len(tokens[number]))
        made = [row for _, group in alike for row in self.batches.run([tokens[n] for n in group], self._embed_tokens)]
        rows = self._rows(made)
        return _unit(rows[np.argsort(order)])

    def embed_audio(self, sounds: Sequence[Sound]) -> np.ndarray:
        """float32 [sounds, dim], rows of unit length; of a clip longer than the window, the mean over its windows.

        Raises EngineError for a sound that is empty or holds NaN or infinity.
        """
        sums, few = np.zeros((len(sounds), self.dim)), self.batches.size
        for start in range(0, len(sounds), few):  # windows of a few clips at a time: memory stays flat
            numbered = enumerate(sounds[start : start + few], start)
            pieces = [(number, window) for number, sound in numbered for window in self._windows(sound)]
            made = self.batches.run([window for _, window in pieces], self._embed_windows)
            np.add.at(sums, [number for number, _ in pieces], self._rows(made))
        return _unit(sums)

    def fingerprint(self) -> str:
        """sha256 of the weights, the tokenizer and all numbers of the preprocessing: 64 hex digits."""
        self._fingerprint = self._fingerprint or self._digest()
        return self._fingerprint

    def _embed_tokens(self, tokens: Sequence[list[int]]) -> Sequence[Tensor]:
        """[dim] of each text; all have equally many tokens."""
        raise NotImplementedError

    def _embed_windows(self, windows: Sequence[np.ndarray]) -> Sequence[Tensor]:
        """[dim] of each window of `settings.window` samples."""
        raise NotImplementedError

    def _text_config(self) -> Any:
        """transformers' configuration of the text tower."""
        raise NotImplementedError

    def _text_tokens(self, text: str) -> list[int]:
        return self.tokenizer(text, truncation=True, max_length=self._text_limit(), padding=False)["input_ids"]

    def _text_limit(self) -> int:
        """RoBERTa counts positions from the padding id on, so that many of its positions hold no token."""
        config = self._text_config()
        positions = config.max_position_embeddings - config.pad_token_id - 1
        return min(self.parameters.text_tokens, positions, self.tokenizer.model_max_length)

    def _windows(self, sound: Sound) -> list[np.ndarray]:
        """[windows] of float64 [window samples] at the checkpoint's sample rate."""
        if not len(sound.samples) or not np.isfinite(sound.samples).all():
            raise EngineError("A sound without samples, or with NaN or infinity among them, cannot be scored.")
        pieces = cut(resample(sound, self.settings.sample_rate), self._window())
        return [fill(piece, self.settings.window, self.settings.padding) for piece in pieces]

    def _window(self) -> int:
        """Samples of a window: the checkpoint's, unless the parameters ask for shorter ones."""
        asked = round(self.parameters.window_seconds * self.settings.sample_rate)
        return min(asked or self.settings.window, self.settings.window)

    def _rows(self, made: list[Tensor]) -> np.ndarray:
        """float64 [items, dim]. Raises EngineError where the model's answer is not a number."""
        rows = torch.stack(made).double().cpu().numpy() if made else np.zeros((0, self.dim))
        if not np.isfinite(rows).all():
            raise EngineError("The scorer's embeddings are not numbers (NaN): its weights or this sound are damaged.")
        return rows

    def _numbers(self) -> dict[str, Any]:
        """All that decides how a sound and a text are read, beside weights and words."""
        return self.settings.as_dict() | {"text": self._text_limit(), "cut": self._window()}

    def _digest(self) -> str:
        digest = hashlib.sha256()
        digest.update(json.dumps(self._numbers(), sort_keys=True).encode())
        digest.update(json.dumps(self.tokenizer.get_vocab(), sort_keys=True).encode())
        for name, tensor in sorted(self.model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()


def _unit(rows: np.ndarray) -> np.ndarray:
    """Rows scaled to unit length, as float32."""
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
