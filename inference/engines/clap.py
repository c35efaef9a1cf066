"""CLAP through transformers: texts and sounds as unit vectors whose dot product is the score.

ClapProcessor is left out on purpose: it crops long clips at random, flags a random batch item as longer
(LAION-AI/CLAP#166, #90), and takes a truncation saved with the tokenizer for one of audio.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from itertools import groupby

import numpy as np
import torch
from torch import Tensor
from transformers import ClapFeatureExtractor, ClapModel

from inference.engines import checkpoints
from inference.engines.batching import Batches
from inference.engines.mel import LogMel, MelSettings, cut, fill, resample
from inference.engines.parameters import ClapParameters
from inference.engines.protocols import EngineError, Sound


class TransformersClap:
    """A `transformers.ClapModel`, fused or not. dim: of its shared space."""

    def __init__(self, checkpoint: str, revision: str = "", parameters: ClapParameters | None = None) -> None:
        self.parameters = parameters or ClapParameters.model_validate({})
        dtype = getattr(torch, self.parameters.dtype)
        self.tokenizer = checkpoints.pretrained_tokenizer(checkpoint, revision)
        self.model = checkpoints.pretrained_model(ClapModel, checkpoint, revision, self.parameters.dtype)
        extractor = checkpoints.pretrained(ClapFeatureExtractor, checkpoint, revision)
        self.mel = LogMel(MelSettings.of(extractor), dtype).to(self.model.device)
        if self.mel.settings.fusion != self.model.config.audio_config.enable_fusion:
            raise EngineError(f"Checkpoint {checkpoint!r}: its model and its feature extractor disagree about fusion.")
        self.dim: int = self.model.config.projection_dim
        self.batches = Batches(self.parameters.max_batch)
        self._fingerprint = ""

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
        sums, few = np.zeros((len(sounds), self.dim)), self.parameters.max_batch
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

    def _text_tokens(self, text: str) -> list[int]:
        return self.tokenizer(text, truncation=True, max_length=self._text_limit(), padding=False)["input_ids"]

    @torch.inference_mode()
    def _embed_tokens(self, tokens: Sequence[list[int]]) -> list[Tensor]:
        """Texts of one length only: the text tower rounds its softmax to float32, and padding would move that."""
        ids = torch.tensor(tokens, device=self.model.device)
        return list(self.model.get_text_features(input_ids=ids, attention_mask=torch.ones_like(ids)).pooler_output)

    @torch.inference_mode()
    def _embed_windows(self, windows: Sequence[np.ndarray]) -> list[Tensor]:
        """No window is ever flagged longer: a fused model then reads the whole window, as it was trained to."""
        waves = torch.from_numpy(np.stack(windows)).to(self.model.device, self.mel.hann.dtype)
        longer = torch.zeros(len(windows), 1, dtype=torch.bool, device=self.model.device)
        return list(self.model.get_audio_features(input_features=self.mel(waves), is_longer=longer).pooler_output)

    def _windows(self, sound: Sound) -> list[np.ndarray]:
        """[windows] of float64 [window samples] at the checkpoint's sample rate."""
        if not len(sound.samples) or not np.isfinite(sound.samples).all():
            raise EngineError("A sound without samples, or with NaN or infinity among them, cannot be scored.")
        settings = self.mel.settings
        pieces = cut(resample(sound, settings.sample_rate), self._window())
        return [fill(piece, settings.window, settings.padding) for piece in pieces]

    def _window(self) -> int:
        """Samples of a window: the checkpoint's, unless the parameters ask for shorter ones."""
        asked = round(self.parameters.window_seconds * self.mel.settings.sample_rate)
        return min(asked or self.mel.settings.window, self.mel.settings.window)

    def _text_limit(self) -> int:
        """RoBERTa counts positions from the padding id on, so that many of its positions hold no token."""
        config = self.model.config.text_config
        positions = config.max_position_embeddings - config.pad_token_id - 1
        return min(self.parameters.text_tokens, positions, self.tokenizer.model_max_length)

    def _rows(self, made: list[Tensor]) -> np.ndarray:
        """float64 [items, dim]. Raises EngineError where the model's answer is not a number."""
        rows = torch.stack(made).double().cpu().numpy() if made else np.zeros((0, self.dim))
        if not np.isfinite(rows).all():
            raise EngineError("The scorer's embeddings are not numbers (NaN): its weights or this sound are damaged.")
        return rows

    def _digest(self) -> str:
        digest = hashlib.sha256()
        numbers = self.mel.settings.as_dict() | {"text": self._text_limit(), "cut": self._window()}
        digest.update(json.dumps(numbers | {"dtype": self.parameters.dtype}, sort_keys=True).encode())
        digest.update(json.dumps(self.tokenizer.get_vocab(), sort_keys=True).encode())
        for name, tensor in sorted(self.model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()


def _unit(rows: np.ndarray) -> np.ndarray:
    """Rows scaled to unit length, as float32."""
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
