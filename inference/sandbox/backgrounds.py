"""What sounds beside the tune: drums on the beat, and the place around them. Levels are relative to the tune's."""

from __future__ import annotations

import numpy as np
from scipy import fft, signal

from inference.sandbox.streams import stream


def shaped_noise(rng: np.random.Generator, samples: int, rate: int, low: float, high: float) -> np.ndarray:
    """Gaussian noise between two frequencies (Hz) with soft edges, of unit variance. float32 [samples]"""
    size = fft.next_fast_len(samples, real=True)
    spectrum = fft.rfft(rng.standard_normal(size, dtype=np.float32))
    f = np.linspace(0, rate / 2, len(spectrum), dtype=np.float32)
    spectrum *= 1 / (1 + (low / np.maximum(f, 1)) ** 4) / (1 + (f / high) ** 4)
    noise = fft.irfft(spectrum, size)[:samples]
    return (noise / (noise.std() + 1e-9)).astype(np.float32)


def place(track: np.ndarray, sound: np.ndarray, start: int, level: float = 1.0) -> None:
    """Adds a sound to the track in place; what lies beyond the end is cut."""
    if 0 <= start < len(track):
        part = sound[: len(track) - start]
        track[start : start + len(part)] += level * part


def drums(kind: str, beat: float, samples: int, rate: int, seed: int) -> np.ndarray:
    """float32 [samples]. beat: seconds between beats; light marks them softly, driving has kick, snare and hats."""
    track = np.zeros(samples, np.float32)
    if kind == "none":
        return track
    rng = stream(seed, "drums")
    kick, snare, hat = _kick(rate), _snare(rng, rate), _hat(rng, rate)
    for i, start in enumerate(np.arange(0.02, samples / rate, beat / 2)):
        at, on_beat = int(start * rate), i % 2 == 0
        if kind == "light":
            place(track, hat, at, 0.42 if on_beat else 0.24)
            continue
        place(track, hat, at, 0.8)
        if on_beat:
            place(track, kick if i % 4 == 0 else snare, at, 1.5 if i % 4 == 0 else 1.0)
    return track


def _kick(rate: int) -> np.ndarray:
    t = np.arange(int(0.22 * rate)) / rate
    sweep = 2 * np.pi * (52 * t + 2.6 * (1 - np.exp(-t / 0.03)))
    return (np.sin(sweep) * np.exp(-t / 0.07) * np.minimum(1, t / 0.002)).astype(np.float32)


def _snare(rng: np.random.Generator, rate: int) -> np.ndarray:
    t = np.arange(int(0.16 * rate)) / rate
    body = 0.5 * np.sin(2 * np.pi * 190 * t) * np.exp(-t / 0.04)
    wires = 0.4 * shaped_noise(rng, len(t), rate, 1200, 6000) * np.exp(-t / 0.05)
    return ((body + wires) * np.minimum(1, t / 0.001)).astype(np.float32)


def _hat(rng: np.random.Generator, rate: int) -> np.ndarray:
    t = np.arange(int(0.06 * rate)) / rate
    return (shaped_noise(rng, len(t), rate, 4500, 7500) * np.exp(-t / 0.014) * np.minimum(1, t / 0.001)).astype(
        np.float32
    )


def ambience(kind: str, samples: int, rate: int, seed: int) -> np.ndarray:
    """float32 [samples]: rain, wind, birds, vinyl crackle, or nothing."""
    return _PLACES[kind](stream(seed, "ambience"), samples, rate)


def _nothing(rng: np.random.Generator, samples: int, rate: int) -> np.ndarray:
    return np.zeros(samples, np.float32)


def _rain(rng: np.random.Generator, samples: int, rate: int) -> np.ndarray:
    """A steady hiss and many small drops."""
    track = 0.16 * shaped_noise(rng, samples, rate, 900, 6000)
    t = np.arange(int(0.02 * rate)) / rate
    for start in rng.integers(0, samples, int(14 * samples / rate)):
        pitch = rng.uniform(900, 2600)
        drop = np.sin(2 * np.pi * pitch * t * (1 + 8 * t)) * np.exp(-t / 0.005) * np.minimum(1, t / 0.001)
        place(track, drop.astype(np.float32), int(start), rng.uniform(0.2, 0.6))
    return track


def _wind(rng: np.random.Generator, samples: int, rate: int) -> np.ndarray:
    """Two bands of noise that swell against each other."""
    t = np.arange(samples, dtype=np.float32) / rate
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * (rng.uniform(0.35, 0.6) * t + rng.uniform()))
    howl, gust = shaped_noise(rng, samples, rate, 430, 560), shaped_noise(rng, samples, rate, 150, 350)
    return (0.6 * swell * howl + 0.6 * (1 - 0.6 * swell) * gust).astype(np.float32)


def _birds(rng: np.random.Generator, samples: int, rate: int) -> np.ndarray:
    """Short songs of a few rising or falling chirps."""
    track = np.zeros(samples, np.float32)
    start = rng.uniform(0.02, 0.3)
    while start < samples / rate:
        pitch, bend, length = rng.uniform(2600, 5200), rng.uniform(-900, 1500), rng.uniform(0.05, 0.13)
        t = np.arange(int(length * rate)) / rate
        for i in range(int(rng.integers(2, 6))):
            chirp = np.sin(2 * np.pi * (pitch * t + bend * t * t / length / 2)) * np.sin(np.pi * t / length) ** 2
            place(track, chirp.astype(np.float32), int((start + i * length * 1.35) * rate), 0.3)
        start += rng.uniform(0.35, 0.8)
    return track


def _crackle(rng: np.random.Generator, samples: int, rate: int) -> np.ndarray:
    """Dust on a record: sharp sparse ticks over a faint hiss."""
    ticks = np.zeros(samples, np.float32)
    where = rng.integers(0, samples, int(20 * samples / rate))
    ticks[where] = rng.choice((-1, 1), len(where)) * rng.exponential(1.0, len(where))
    sos = signal.butter(2, (700, 0.42 * rate), "bandpass", fs=rate, output="sos")
    return (signal.sosfilt(sos, ticks) * 1.8).astype(np.float32) + 0.012 * shaped_noise(rng, samples, rate, 2000, 7000)


_PLACES = {"none": _nothing, "rain": _rain, "wind": _wind, "birds": _birds, "crackle": _crackle}
