"""CLAP's log-mel front end in torch, with every number read from the checkpoint's own feature extractor.

Agrees with transformers' ClapFeatureExtractor (NumPy, one clip at a time) for clips up to one window. Where that one
draws random crops from longer clips, `cut` takes fixed windows, so that a clip always scores the same.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor
from transformers.audio_utils import mel_filter_bank

from inference.engines.protocols import EngineError

_FLOOR = 1e-10  # power below which everything is -100 dB, as in transformers.audio_utils.spectrogram


@dataclass(frozen=True)
class MelSettings:
    """What decides a mel spectrogram. Rates in Hz, lengths in samples.

    fusion: filters on the HTK scale and four channels, as checkpoints with feature fusion want; else Slaney's and one.
    padding: how a short clip fills the window: repeatpad, repeat or pad.
    """

    sample_rate: int
    window: int
    fft: int
    hop: int
    bands: int
    lowest: float
    highest: float
    fusion: bool
    padding: str

    @classmethod
    def of(cls, extractor: Any) -> Self:
        """The numbers of a ClapFeatureExtractor."""
        return cls(
            sample_rate=extractor.sampling_rate,
            window=int(extractor.nb_max_samples),
            fft=extractor.fft_window_size,
            hop=extractor.hop_length,
            bands=extractor.feature_size,
            lowest=extractor.frequency_min,
            highest=extractor.frequency_max,
            fusion=extractor.truncation == "fusion",
            padding=extractor.padding,
        )

    @property
    def frames(self) -> int:
        return 1 + self.window // self.hop

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class LogMel(torch.nn.Module):
    """[batch, window samples] -> [batch, 1 or 4 channels, frames, bands] in dB."""

    hann: Tensor
    filters: Tensor

    def __init__(self, settings: MelSettings, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.settings = settings
        filters = mel_filter_bank(
            num_frequency_bins=settings.fft // 2 + 1,
            num_mel_filters=settings.bands,
            min_frequency=settings.lowest,
            max_frequency=settings.highest,
            sampling_rate=settings.sample_rate,
            norm=None if settings.fusion else "slaney",
            mel_scale="htk" if settings.fusion else "slaney",
        )
        self.register_buffer("filters", torch.from_numpy(filters).to(dtype))  # [fft // 2 + 1, bands]
        self.register_buffer("hann", torch.hann_window(settings.fft, dtype=torch.float64).to(dtype))

    def forward(self, waves: Tensor) -> Tensor:
        """Raises EngineError where the frames are not those the checkpoint was made for."""
        settings = self.settings
        spectrum = torch.stft(
            waves, settings.fft, settings.hop, window=self.hann, center=True, pad_mode="reflect", return_complex=True
        )
        power = spectrum.real.square() + spectrum.imag.square()  # [batch, fft // 2 + 1, frames]
        decibels = 10 * (power.mT @ self.filters).clamp(min=_FLOOR).log10()
        if decibels.shape[1:] != (settings.frames, settings.bands):
            raise EngineError(f"{decibels.shape[1]} mel frames where the checkpoint expects {settings.frames}.")
        return decibels[:, None].expand(-1, 4 if settings.fusion else 1, -1, -1)


def cut(samples: np.ndarray, window: int) -> list[np.ndarray]:
    """Windows of a clip: itself if it fits, else as few as cover it, full ones, evenly spread from start to end."""
    spare = len(samples) - window
    if spare <= 0:
        return [samples]
    count = math.ceil(len(samples) / window)
    starts = [round(spare * number / (count - 1)) for number in range(count)]
    return [samples[start : start + window] for start in starts]


def fill(samples: np.ndarray, window: int, padding: str) -> np.ndarray:
    """A short clip made `window` samples long by the extractor's own rule."""
    if padding == "repeat":
        return np.tile(samples, window // len(samples) + 1)[:window]
    if padding == "repeatpad":
        samples = np.tile(samples, window // len(samples))
    return np.pad(samples, (0, window - len(samples)))
