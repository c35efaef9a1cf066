"""Headphones by Huggins pitch (Milne, Bianco, Poole, Zhao, Oxenham, Billig, Chait 2021, Behav Res Methods 53:1551).

Three noises, the same in both ears but for a narrow band of one of them, in which the phase turns by 360° between the
ears: over headphones a faint tone is heard there, over loudspeakers nothing. "Which noise has a faint tone in it?"
"""

from __future__ import annotations

import numpy as np

from listening.stimuli.check import INTERVALS, TRIALS, joined, places, ramped

HERTZ, BAND = 600.0, 0.06  # centre, and half the band's width as a share of it
SECONDS = 1.0
LEVEL = -26.0  # dBFS, RMS of each ear
RIGHT_NEEDED = 6  # of 6, as the authors recommend


def answers(seed: int) -> list[int]:
    """The interval (0..2) that holds the pitch, by trial: every place twice."""
    return places(seed, "huggins")


def render(seed: int, trial: int, sample_rate: int = 44_100) -> np.ndarray:
    """Trial 0..5 of the seed's check: [samples, 2], four seconds, -1..1. Raises IndexError for another trial."""
    if not 0 <= trial < TRIALS:
        raise IndexError(f"A check has trials 0 to {TRIALS - 1}, not {trial}.")
    pitch = answers(seed)[trial]
    rng = np.random.default_rng([seed, trial])
    return joined([ramped(_noise(rng, i == pitch, sample_rate), sample_rate) for i in range(INTERVALS)], sample_rate)


def _noise(rng: np.random.Generator, pitch: bool, sample_rate: int) -> np.ndarray:
    """White noise [n, 2], the ears alike but for the phase of the band."""
    n = round(SECONDS * sample_rate)
    left = np.fft.rfft(rng.standard_normal(n))
    right = left * np.exp(1j * _shift(n, sample_rate)) if pitch else left
    sound = np.stack([np.fft.irfft(ear, n) for ear in (left, right)], axis=1)
    return 10 ** (LEVEL / 20) * sound / np.sqrt((sound**2).mean(axis=0))


def _shift(n: int, sample_rate: int) -> np.ndarray:
    """Radians between the ears by frequency, [n / 2 + 1]: from 0 to 2π across the band, 0 elsewhere."""
    frequency = np.fft.rfftfreq(n, 1 / sample_rate)
    low, high = HERTZ * (1 - BAND), HERTZ * (1 + BAND)
    return 2 * np.pi * np.clip((frequency - low) / (high - low), 0, 1)
