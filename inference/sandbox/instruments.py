"""The eight instruments: sums of partials with envelopes, one note at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HIGHEST = 0.46  # of the sample rate: partials above it are left out, so that none folds back


@dataclass(frozen=True)
class Timbre:
    """What makes an instrument itself.

    ratios, levels: of the partials to the fundamental. decay: seconds to 1/e of the first partial (inf: sustained);
    damping: how much faster higher partials decay. attack: seconds. vibrato: share of the frequency (`rate` in Hz).
    tremolo: share of the amplitude. breath: level of the noise that follows the envelope; strike: of that at onset.
    """

    ratios: tuple[float, ...]
    levels: tuple[float, ...]
    decay: float
    damping: float = 0.0
    attack: float = 0.005
    vibrato: float = 0.0
    tremolo: float = 0.0
    rate: float = 5.5
    breath: float = 0.0
    strike: float = 0.0


def _harmonics(count: int, slope: float, stretch: float = 0.0) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Ratios k·√(1 + stretch·k²) (stiff strings) and levels k^-slope."""
    ks = range(1, count + 1)
    return tuple(k * (1 + stretch * k * k) ** 0.5 for k in ks), tuple(k**-slope for k in ks)


def _plucked(count: int, place: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """A string plucked at `place` of its length lacks the partials that have a node there."""
    ks = range(1, count + 1)
    return tuple(map(float, ks)), tuple(abs(float(np.sin(np.pi * k * place))) / k**0.7 for k in ks)


TIMBRES: dict[str, Timbre] = {
    "piano": Timbre(*_harmonics(9, 1.2, 4e-4), decay=0.9, damping=0.35, attack=0.004, strike=0.06),
    "guitar": Timbre(*_plucked(10, 0.21), decay=0.5, damping=0.8, attack=0.003, strike=0.25),
    "violin": Timbre(*_harmonics(10, 0.85), decay=np.inf, attack=0.09, vibrato=0.009, rate=5.8, breath=0.03),
    "flute": Timbre((1, 2, 3, 4), (1, 0.35, 0.12, 0.05), np.inf, attack=0.06, tremolo=0.22, rate=4.6, breath=0.3),
    "organ": Timbre((0.5, 1, 2, 3, 4, 6, 8), (0.5, 1, 0.8, 0.5, 0.55, 0.3, 0.35), np.inf, attack=0.015),
    "bells": Timbre((0.5, 1, 1.183, 2.0, 2.514, 3.011, 4.166, 5.433), (0.3, 1, 0.6, 0.7, 0.5, 0.4, 0.4, 0.3),
                    decay=1.3, damping=0.12, attack=0.002),
    "synth": Timbre((0.995, 1.005, 2.99, 3.01, 4.98, 5.02, 7.0, 9.0), (0.8, 0.8, 0.4, 0.4, 0.3, 0.3, 0.25, 0.2),
                    np.inf, attack=0.012, tremolo=0.7, rate=11.0),
    "marimba": Timbre((1, 3.93, 9.6), (1, 0.45, 0.2), decay=0.2, damping=0.5, attack=0.002, strike=0.4),
}  # fmt: skip


def play(
    timbre: Timbre, pitches: np.ndarray, levels: np.ndarray, samples: int, rate: int, phases: np.ndarray
) -> np.ndarray:
    """One chord, unreleased. pitches: Hz [voices]; phases: radians [≥ partials]. -> float32 [samples]"""
    t = np.arange(samples, dtype=np.float32) / rate
    ratios = np.asarray(timbre.ratios)
    ratios, strengths = ratios[keep := ratios * min(pitches) < HIGHEST * rate], np.asarray(timbre.levels)[keep]
    bent = t
    if timbre.vibrato:
        bent = t + timbre.vibrato * (1 - np.cos(2 * np.pi * timbre.rate * t)) / (2 * np.pi * timbre.rate)
    envelope = _decays(timbre, ratios, t) * np.minimum(1, t / timbre.attack)
    sound = np.zeros(samples, np.float32)
    for pitch, level in zip(pitches, levels, strict=True):
        angles = np.outer((2 * np.pi * pitch * ratios).astype(np.float32), bent.astype(np.float32))
        angles += phases[: len(ratios), None].astype(np.float32)
        waves = np.sin(angles, out=angles)
        weights = (level * strengths * (ratios * pitch < HIGHEST * rate)).astype(np.float32)
        sound += weights @ (waves * envelope if envelope.ndim == 2 else waves) * (1 if envelope.ndim == 2 else envelope)
    if timbre.tremolo:
        sound *= 1 - timbre.tremolo * (0.5 + 0.5 * np.cos(2 * np.pi * timbre.rate * t))
    return sound


def _decays(timbre: Timbre, ratios: np.ndarray, t: np.ndarray) -> np.ndarray:
    """[partials, samples], or [samples] of ones for a sustained sound."""
    if np.isinf(timbre.decay):
        return np.ones_like(t)
    speeds = (1 + timbre.damping * (np.maximum(ratios, 1) - 1)) / timbre.decay
    return np.exp(np.outer(-speeds.astype(np.float32), t))
