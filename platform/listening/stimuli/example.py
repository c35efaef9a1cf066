"""Sounds for the preview of a study whose own are not made yet: short plucked figures, one a letter."""

from __future__ import annotations

from functools import cache

import numpy as np

from listening.models import LETTERS

RATE, NOTES, NOTE = 24_000, 6, 0.5  # Hz, notes of a figure, seconds of a note
PENTATONIC = (0, 2, 4, 7, 9)  # semitones


@cache
def example(letter: str) -> np.ndarray:
    """Samples [n] in -1..1. The same letter sounds the same; later letters have more noise, so that one can rate."""
    place = LETTERS.index(letter)
    chance = np.random.default_rng(place)
    steps = chance.choice(PENTATONIC, NOTES) + 12 * chance.integers(0, 2, NOTES)
    tune = np.concatenate([_pluck(220 * 2 ** (step / 12)) for step in steps])
    noise = chance.standard_normal(len(tune)) * 0.004 * place
    return 0.25 * tune + noise


def _pluck(pitch: float) -> np.ndarray:
    """A decaying tone of five harmonics: Hz -> [samples]."""
    time = np.arange(round(NOTE * RATE)) / RATE
    harmonics = sum(np.sin(2 * np.pi * pitch * n * time) / n**2 for n in range(1, 6))
    return np.minimum(1, time / 0.005) * np.exp(-5 * time) * harmonics
