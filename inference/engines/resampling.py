"""Sample-rate conversion, without torch: generators behind a command or a service need it too."""

from __future__ import annotations

import numpy as np
import soxr

from inference.engines.protocols import Sound


def resample(sound: Sound, sample_rate: int) -> np.ndarray:
    """float64 [round(samples * sample_rate / its own)]: soxr's very high quality, cut or padded to that very length."""
    samples = np.asarray(sound.samples, dtype=np.float64)
    if sound.sample_rate == sample_rate:
        return samples
    length = round(len(samples) * sample_rate / sound.sample_rate)
    converted = soxr.resample(samples, sound.sample_rate, sample_rate, quality="VHQ")[:length]
    return np.pad(converted, (0, length - len(converted)))
