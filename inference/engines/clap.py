"""CLAP through transformers: texts and sounds as unit vectors whose dot product is the score.

ClapProcessor is left out on purpose: it crops long clips at random, flags a random batch item as longer
(LAION-AI/CLAP#166, #90), and takes a truncation saved with the tokenizer for one of audio.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import ClapFeatureExtractor, ClapModel

from inference.engines import checkpoints
from inference.engines.batching import Batches, quick_batch
from inference.engines.mel import LogMel, MelSettings
from inference.engines.parameters import ClapParameters
from inference.engines.protocols import EngineError
from inference.engines.windowed import WindowedClap


class TransformersClap(WindowedClap):
    """A `transformers.ClapModel`, fused or not. dim: of its shared space."""

    def __init__(self, checkpoint: str, revision: str = "", parameters: ClapParameters | None = None) -> None:
        self.parameters = parameters or ClapParameters.model_validate({})
        dtype = getattr(torch, self.parameters.dtype)
        self.tokenizer = checkpoints.pretrained_tokenizer(checkpoint, revision)
        self.model = checkpoints.pretrained_model(ClapModel, checkpoint, revision, self.parameters.dtype)
        extractor = checkpoints.pretrained(ClapFeatureExtractor, checkpoint, revision)
        self.settings = MelSettings.of(extractor)
        self.mel = LogMel(self.settings, dtype).to(self.model.device)
        if self.settings.fusion != self.model.config.audio_config.enable_fusion:
            raise EngineError(f"Checkpoint {checkpoint!r}: its model and its feature extractor disagree about fusion.")
        self.dim = self.model.config.projection_dim
        self.batches = Batches(self.parameters.max_batch or quick_batch(self.model))

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

    def _text_config(self) -> Any:
        return self.model.config.text_config

    def _numbers(self) -> dict[str, Any]:
        return super()._numbers() | {"dtype": self.parameters.dtype}
