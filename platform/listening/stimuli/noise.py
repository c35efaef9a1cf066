"""Noise in place of a sound: as loud and as bright, and nothing of what it was."""

from __future__ import annotations

import numpy as np


def noise_like(samples: np.ndarray, seed: int) -> np.ndarray:
    """Samples [n] -> [n] of the same magnitude spectrum with random phases, at most ±1.

    Phase randomisation (Theiler et al. 1992, surrogate data): level and long-term spectrum stay, events do not.
    """
    spectrum = np.fft.rfft(samples)
    phases = np.exp(2j * np.pi * np.random.default_rng(seed).random(len(spectrum)))
    phases[0] = 1
    made = np.fft.irfft(np.abs(spectrum) * phases, n=len(samples))
    return made / max(1.0, float(np.abs(made).max(initial=0)))
