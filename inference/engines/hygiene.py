"""What a sound must be before it is scored or heard, and how loud it is. NumPy only: the web tier may import this."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyloudnorm
from scipy.signal import resample_poly

from inference.engines.protocols import RejectedSound, Sound

__all__ = ["Gate", "RejectedSound", "check", "loudness", "rms_dbfs"]

_QUIETEST = -70.0  # LUFS: BS.1770's absolute gate; what is below it has no integrated loudness
_BLOCK = 0.4  # seconds: BS.1770's gating block
_OVERSAMPLING = 4  # BS.1770-4, annex 2


@dataclass(frozen=True)
class Gate:
    """Bounds of what is let through (ours).

    silence: dBFS of the root mean square. full_scale: level from which a sample counts as clipped.
    clipped: largest share of clipped samples. length: samples that a sound may be off.
    """

    silence: float = -60.0
    full_scale: float = 0.999
    clipped: float = 0.01
    length: int = 1


def check(sound: Sound, seconds: float | None = None, gate: Gate | None = None) -> None:
    """Passes a sound that may be scored. seconds: the length it was asked for.

    Raises RejectedSound, with a reason for the researcher, for NaN or infinity, silence, clipping or a wrong length.
    """
    gate = gate or Gate()
    samples = np.asarray(sound.samples)
    if samples.ndim != 1 or not len(samples):
        raise RejectedSound(f"The generator gave no mono sound: its samples have the shape {samples.shape}.")
    broken = int(np.count_nonzero(~np.isfinite(samples)))
    if broken:
        raise RejectedSound(f"{broken} of {len(samples)} samples are not numbers (NaN or infinity).")
    expected = len(samples) if seconds is None else round(seconds * sound.sample_rate)
    if abs(len(samples) - expected) > gate.length:
        raise RejectedSound(f"The sound lasts {sound.seconds:.3f} s where {seconds:.3f} s were asked for.")
    level = rms_dbfs(samples)
    if level < gate.silence:
        raise RejectedSound(f"The sound is silent: {level:.0f} dBFS, and at least {gate.silence:.0f} is expected.")
    clipped = float(np.mean(np.abs(samples) >= gate.full_scale))
    if clipped > gate.clipped:
        raise RejectedSound(f"{clipped:.1%} of the samples are clipped; at most {gate.clipped:.1%} may be.")


def rms_dbfs(samples: np.ndarray) -> float:
    """Root mean square in dB below full scale, at least -200."""
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    return 10 * math.log10(max(power, 1e-20))


def loudness(sound: Sound) -> tuple[float, float]:
    """(integrated loudness in LUFS, true peak in dBTP), as ITU-R BS.1770-4 measures them.

    Sounds shorter than a gating block of 400 ms are one block. Nothing is quieter than -70 LUFS, the absolute gate.
    """
    samples = np.asarray(sound.samples, dtype=np.float64)
    block = min(_BLOCK, len(samples) / sound.sample_rate)
    with np.errstate(invalid="ignore"):  # silence: pyloudnorm averages over no blocks
        lufs = float(pyloudnorm.Meter(sound.sample_rate, block_size=block).integrated_loudness(samples))
    peak = float(np.abs(resample_poly(samples, _OVERSAMPLING, 1)).max())
    return max(lufs, _QUIETEST) if math.isfinite(lufs) else _QUIETEST, 20 * math.log10(max(peak, 1e-10))
