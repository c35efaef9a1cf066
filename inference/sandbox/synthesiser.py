"""The sandbox's generator: attributes in, a few seconds of music out, with the truth about it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import fft

from inference.sandbox.backgrounds import ambience, drums, place, shaped_noise
from inference.sandbox.instruments import TIMBRES, Timbre, play
from inference.sandbox.streams import stream
from inference.sandbox.vocabulary import ATTRIBUTES

INTERVAL = {"slow": 0.92, "moderate": 0.44, "fast": 0.19}  # seconds between notes
BEAT = {"slow": 0.92, "moderate": 0.44, "fast": 0.38}  # seconds between beats of the drums
HOME = {"low": 41.0, "middle": 60.0, "high": 79.0}  # MIDI number around which the tune moves
SCALE = {"harmonious": (0, 2, 4, 7, 9), "dissonant": (0, 1, 5, 6, 10)}  # semitones in an octave
SOUNDING = {"smooth": (1.05, 0.12), "choppy": (0.3, 0.025)}  # share of the interval, seconds of release
LEVEL = {"quiet": 0.022, "loud": 0.16}  # root mean square of the whole
WET = {"dry": 0.0, "echoing": 0.85}
REVERBERATION = 1.8  # seconds to -60 dB
PEAK = 0.88  # -1.1 dBFS
FADE = 0.025  # seconds at both ends
NOTES = 256  # drawn at once; a longer tune begins again


def render(
    attributes: Mapping[str, str], seed: int, seconds: float, sample_rate: int = 16_000
) -> tuple[np.ndarray, dict[str, str]]:
    """Music with these attributes; the others are drawn, each from a stream of its own: wording is all that differs.

    -> float32 [round(seconds * sample_rate)], peak at most -1 dBFS, and the value of every attribute.
    """
    truth = complete(attributes, seed)
    samples = round(seconds * sample_rate)
    music = _tune(truth, samples, sample_rate, seed)
    beat = drums(truth["drums"], BEAT[truth["tempo"]] * _pace(seed), samples, sample_rate, seed)
    music = _room(music, 0.5 * beat, truth, sample_rate, seed)
    return _master(music + ambience(truth["ambience"], samples, sample_rate, seed) * 0.35, truth, sample_rate), truth


def complete(attributes: Mapping[str, str], seed: int) -> dict[str, str]:
    """Every attribute's value: as given, else drawn for this seed. Raises ValueError for an unknown one."""
    for attribute, value in attributes.items():
        if value not in ATTRIBUTES.get(attribute, ()):
            raise ValueError(f"The sandbox has no {attribute} {value!r}.")
    return {a: attributes.get(a) or str(stream(seed, a).choice(values)) for a, values in ATTRIBUTES.items()}


def _pace(seed: int) -> float:
    return float(stream(seed, "pace").uniform(0.92, 1.09))


def _tune(truth: Mapping[str, str], samples: int, rate: int, seed: int) -> np.ndarray:
    """The melody with its chords, note after note, at unit level. [samples]"""
    timbre, interval = TIMBRES[truth["instrument"]], INTERVAL[truth["tempo"]] * _pace(seed)
    share, release = SOUNDING[truth["articulation"]]
    ring = 0.35 if truth["articulation"] == "smooth" and np.isfinite(timbre.decay) else 0.0
    length = int((max(0.045, min(share * interval, share)) + release + ring) * rate)
    gate = _gate(length, int((release + ring) * rate))
    degrees, accents, late, phases = _score(seed)
    track = np.zeros(samples, np.float32)
    for i, start in enumerate(np.arange(0.02, samples / rate, interval)):
        n = i % NOTES
        pitches, levels = _chord(int(degrees[n]), truth, seed)
        note = play(timbre, pitches, levels, length, rate, phases[n]) * gate
        place(track, note + _noise_of(timbre, note, i, rate, seed), int((start + late[n]) * rate), accents[n])
    return track / (np.sqrt(np.mean(track**2)) + 1e-9) * 0.2


def _gate(length: int, release: int) -> np.ndarray:
    """Ones, then a raised-cosine release. [length]"""
    gate = np.ones(length, np.float32)
    gate[-release:] = 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, release, dtype=np.float32))
    return gate


def _score(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Scale degrees, accents, lateness in seconds, phases: [NOTES] each, [NOTES, partials] the last."""
    steps = stream(seed, "melody").choice((-2, -1, -1, 1, 1, 2), NOTES)
    degrees = np.abs((np.cumsum(steps) + 4) % 16 - 8) - 4  # a walk that turns at the edges
    accents = stream(seed, "accents").uniform(0.75, 1.0, NOTES)
    late = stream(seed, "timing").uniform(0, 0.012, NOTES)
    return degrees, accents, late, stream(seed, "phases").uniform(0, 2 * np.pi, (NOTES, 16))


def _chord(degree: int, truth: Mapping[str, str], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pitches in Hz and levels of the tone and its companions: consonant ones below, or a cluster that clashes.

    The cluster's second pitch is so near that both beat about 12 times a second; the others fill the gaps between
    the partials that a consonant chord leaves clear.
    """
    key = HOME[truth["register"]] + float(stream(seed, "key").uniform(-3, 3))
    scale = SCALE[truth["harmony"]]

    def pitch(d: int, bend: float = 0.0) -> float:
        return 440 * 2 ** ((key + 12 * (d // len(scale)) + scale[d % len(scale)] + bend - 69) / 12)

    tone = pitch(degree)
    if truth["harmony"] == "harmonious":
        return np.array([tone, pitch(degree - 2)]), np.array([1.0, 0.6])
    cluster = [tone, tone + 12 * (tone / 262) ** 0.2, pitch(degree, 6.4), pitch(degree, 13.3)]
    return np.array(cluster), np.array([0.8, 0.8, 0.65, 0.65])


def _noise_of(timbre: Timbre, note: np.ndarray, index: int, rate: int, seed: int) -> np.ndarray | float:
    """Breath that follows the note, or the knock that begins it. [samples]"""
    if not (timbre.breath or timbre.strike):
        return 0.0
    t = np.arange(len(note), dtype=np.float32) / rate
    noise = shaped_noise(stream(seed, f"noise {index}"), len(note), rate, 700, 5000)
    if timbre.breath:
        return timbre.breath * noise * np.minimum(1, t / timbre.attack) * _gate(len(note), len(note) // 4)
    return timbre.strike * noise * np.exp(-t / 0.008) * np.minimum(1, t / 0.0015)


def _room(tune: np.ndarray, beat: np.ndarray, truth: Mapping[str, str], rate: int, seed: int) -> np.ndarray:
    """The tune's tone, then the hall around tune and drums: all filters in one transform. [samples]"""
    samples, tail = len(tune), int(REVERBERATION * rate)
    size = fft.next_fast_len(samples + tail, real=True)
    f = np.linspace(0, rate / 2, size // 2 + 1, dtype=np.float32)
    spectrum = fft.rfft(tune, size) * _tone(f, truth["tone"]) + fft.rfft(beat, size)
    if WET[truth["space"]]:
        spectrum *= 0.7 + WET[truth["space"]] * fft.rfft(_hall(tail, rate, seed), size)
    spectrum *= 1 / (1 + (45 / np.maximum(f, 1e-3)) ** 4)  # no direct current, no rumble
    return fft.irfft(spectrum, size)[:samples].astype(np.float32)


def _tone(f: np.ndarray, tone: str) -> np.ndarray:
    """Gain at each frequency: highs lifted by 14 dB, or falling by 9 dB an octave."""
    if tone == "bright":
        return 1 + 4 / (1 + (1400 / np.maximum(f, 1)) ** 2)
    return (1 + (f / 500) ** 2) ** -0.75


def _hall(samples: int, rate: int, seed: int) -> np.ndarray:
    """Impulse response: noise that decays by 60 dB, after 20 ms of silence. [samples]"""
    t = np.arange(samples, dtype=np.float32) / rate
    noise = shaped_noise(stream(seed, "hall"), samples, rate, 150, 3500)
    return noise * 10 ** (-3 * t / REVERBERATION) * (t > 0.02) / np.sqrt(rate * REVERBERATION / 13.8)


def _master(music: np.ndarray, truth: Mapping[str, str], rate: int) -> np.ndarray:
    """Level, headroom and fades. float32 [samples]"""
    fade = min(int(FADE * rate), len(music) // 2)
    ramp = 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, fade, dtype=np.float32))
    music[:fade] *= ramp
    music[len(music) - fade :] *= ramp[::-1]
    music *= LEVEL[truth["loudness"]] / (np.sqrt(np.mean(music**2)) + 1e-9)
    return (music * min(1.0, PEAK / (np.abs(music).max() + 1e-9))).astype(np.float32)
