"""A few soft notes to set the volume by: like nothing that is heard in a test, at the same loudness."""

from __future__ import annotations

import numpy as np

NOTES = (261.63, 329.63, 392.0, 523.25, 392.0, 329.63)  # Hz: C4 E4 G4 C5 and back
APART, RING = 0.5, 1.2  # seconds between notes, and of one note
PARTIALS = ((1, 1.0), (2, 0.35), (3, 0.12))  # multiple of the note, level


def notes(sample_rate: int) -> np.ndarray:
    """Samples [n], about four seconds, peak 0.5."""
    length = round(((len(NOTES) - 1) * APART + RING) * sample_rate)
    sound = np.zeros(length)
    for place, hertz in enumerate(NOTES):
        start = round(place * APART * sample_rate)
        note = _note(hertz, sample_rate)
        sound[start : start + len(note)] += note[: length - start]
    return 0.5 * sound / np.abs(sound).max()


def _note(hertz: float, sample_rate: int) -> np.ndarray:
    """Struck softly, fading to nothing at its end."""
    time = np.arange(round(RING * sample_rate)) / sample_rate
    shape = np.minimum(time / 0.02, 1) * np.exp(-3 * time) * (1 - time / RING)
    return shape * sum(level * np.sin(2 * np.pi * partial * hertz * time) for partial, level in PARTIALS)
