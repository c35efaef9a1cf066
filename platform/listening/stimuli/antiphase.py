"""Headphones by loudness in antiphase (Woods, Siegel, Traer, McDermott 2017, Atten Percept Psychophys 79:2064).

Three tones; one is 6 dB quieter, another is in antiphase between the ears. Over loudspeakers the antiphase tone cancels
and seems the quietest; over headphones the quiet one is. "Which tone is the quietest?"
"""

from __future__ import annotations

import random
from typing import NamedTuple

import numpy as np

from listening.stimuli.check import INTERVALS, TRIALS, joined, places, ramped

HERTZ, SECONDS = 200.0, 1.0
QUIETER = -6.0  # dB
LEVEL = -20.0  # dBFS, peak of the louder tones
RIGHT_NEEDED = 5  # of 6, as the authors do


class Order(NamedTuple):
    """Intervals 0..2: where the quiet tone is, which is the answer, and where the tone in antiphase is."""

    quiet: int
    antiphase: int


def orders(seed: int) -> list[Order]:
    """Six trials in which the quiet tone stands twice in each place; the antiphase tone never where it stands."""
    chance = random.Random(f"antiphase place/{seed}")
    quiet = places(seed, "antiphase")
    return [Order(place, chance.choice([i for i in range(INTERVALS) if i != place])) for place in quiet]


def answers(seed: int) -> list[int]:
    return [order.quiet for order in orders(seed)]


def render(seed: int, trial: int, sample_rate: int = 44_100) -> np.ndarray:
    """Trial 0..5 of the seed's check: [samples, 2], four seconds, -1..1. Raises IndexError for another trial."""
    if not 0 <= trial < TRIALS:
        raise IndexError(f"A check has trials 0 to {TRIALS - 1}, not {trial}.")
    order = orders(seed)[trial]
    return joined([_tone(i, order, sample_rate) for i in range(INTERVALS)], sample_rate)


def _tone(interval: int, order: Order, sample_rate: int) -> np.ndarray:
    time = np.arange(round(SECONDS * sample_rate)) / sample_rate
    level = LEVEL + (QUIETER if interval == order.quiet else 0)
    tone = 10 ** (level / 20) * np.sin(2 * np.pi * HERTZ * time)
    other = -tone if interval == order.antiphase else tone
    return ramped(np.stack([tone, other], axis=1), sample_rate)
