"""What generators hand over: mono, of the length that was asked for, in the sample rate that the model made."""

from __future__ import annotations

import numpy as np

from inference.engines.protocols import EngineError, Sound

SHORTFALL = 0.1  # seconds that a model's last frame may lack


def fit(samples: np.ndarray, sample_rate: int, seconds: float) -> Sound:
    """samples: [samples] or [channels, samples] -> exactly round(seconds * sample_rate) of mono float32.

    Channels are averaged. A longer sound is cut, what a last frame lacks is silence. Raises EngineError where more than
    SHORTFALL is missing: a clip half as long as its rival would lose for that alone.
    """
    wave = np.asarray(samples, dtype=np.float32)
    wave = wave.mean(axis=0) if wave.ndim == 2 else wave
    wanted = round(seconds * sample_rate)
    if len(wave) < wanted - SHORTFALL * sample_rate:
        raise EngineError(
            f"The generator made {len(wave) / sample_rate:.2f} s where {seconds:g} s were asked for: "
            "ask for no more than its model can make."
        )
    return Sound(np.pad(wave[:wanted], (0, max(0, wanted - len(wave)))), sample_rate)
