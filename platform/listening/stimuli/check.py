"""What the two headphone checks share: six trials of three intervals, one of which is right."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

TRIALS, INTERVALS = 6, 3
RAMP, GAP = 0.1, 0.5  # seconds: of fading in and out, and of silence between intervals


def places(seed: int, purpose: str) -> list[int]:
    """The right interval (0..2) of each of six trials: every place twice, in an order of the seed's own."""
    order = [place for place in range(INTERVALS) for _ in range(TRIALS // INTERVALS)]
    random.Random(f"{purpose}/{seed}").shuffle(order)
    return order


def ramped(sound: np.ndarray, sample_rate: int) -> np.ndarray:
    """Raised-cosine fades at both ends: [n, 2] -> [n, 2]."""
    n = round(RAMP * sample_rate)
    fade = 0.5 - 0.5 * np.cos(np.pi * np.arange(n) / n)
    gain = np.ones(len(sound))
    gain[:n], gain[-n:] = fade, fade[::-1]
    return sound * gain[:, None]


def joined(intervals: Sequence[np.ndarray], sample_rate: int) -> np.ndarray:
    """Intervals [n, 2] one after the other with silence between them: [3 n + 2 gaps, 2]."""
    gap = np.zeros((round(GAP * sample_rate), 2))
    parts = [part for interval in intervals for part in (interval, gap)]
    return np.concatenate(parts[:-1])
