"""A sound made worse by steps, as bad transmission does: narrower, coarser, noisier, clipped."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """band: Hz, the highest that is left. bits: of each sample. noise: dB under the sound. clip: share of the peak."""

    band: float
    bits: int
    noise: float
    clip: float


STEPS = (
    Step(6_000, 10, 36, 0.9),
    Step(3_400, 8, 26, 0.6),
    Step(2_000, 6, 14, 0.35),
    Step(1_000, 4, 4, 0.15),
)
LEVELS = range(len(STEPS) + 1)


def degrade(samples: np.ndarray, sample_rate: int, level: int, seed: int = 0) -> np.ndarray:
    """Samples [n] -> [n], at most ±1: level 0 is untouched, 4 is unmistakably bad. Loudness is for the caller.

    Raises ValueError for a level that is not one of LEVELS.
    """
    if level not in LEVELS:
        raise ValueError(f"Level {level}: sounds are degraded by 0 to {len(STEPS)}.")
    sound = np.asarray(samples, float)
    if level == 0 or not np.any(sound):
        return sound
    step = STEPS[level - 1]
    sound = _clipped(_narrowed(sound, sample_rate, step.band), step.clip)
    sound = _coarse(sound, step.bits) + _noise(sound, step.noise, seed)
    return sound / max(1.0, float(np.abs(sound).max()))


def _narrowed(sound: np.ndarray, sample_rate: int, band: float) -> np.ndarray:
    if band >= 0.49 * sample_rate:
        return sound
    from scipy.signal import butter, sosfiltfilt  # takes a second, and few processes degrade

    return sosfiltfilt(butter(6, band, fs=sample_rate, output="sos"), sound)


def _clipped(sound: np.ndarray, share: float) -> np.ndarray:
    limit = share * np.abs(sound).max()
    return np.clip(sound, -limit, limit)


def _coarse(sound: np.ndarray, bits: int) -> np.ndarray:
    step = np.abs(sound).max() / 2 ** (bits - 1)
    return np.round(sound / step) * step


def _noise(sound: np.ndarray, below: float, seed: int) -> np.ndarray:
    """White noise `below` dB under the sound's RMS."""
    rms = np.sqrt(np.mean(sound**2))
    return np.random.default_rng(seed).standard_normal(len(sound)) * rms * 10 ** (-below / 20)
