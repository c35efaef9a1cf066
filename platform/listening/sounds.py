"""What raters hear: all clips of a trial as 16-bit WAV of one format, one length and one loudness."""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable

import numpy as np
from cachetools import LRUCache, cached

from inference.engines import flac, hygiene
from inference.engines.protocols import Sound
from listening import hearing, rules
from listening.models import Playback, Stimulus, Trial
from listening.stimuli import degrade, noise, spoken
from studies.models import Clip

REMEMBERED = 64 * 2**20  # bytes of finished sounds that one process keeps
_lock = threading.Lock()


def wav(playback: Playback) -> bytes:
    """The clip at the trial's loudness. Nothing but format, length and samples is in the file."""
    session = playback.presentation.session
    return _trial(playback.presentation.trial, session.language)[playback.stimulus_id]


def _size(sounds: dict[int, bytes]) -> int:
    return sum(map(len, sounds.values()))


@cached(LRUCache(REMEMBERED, _size), key=lambda trial, language: (trial.pk, trial.created_at, language), lock=_lock)
def _trial(trial: Trial, language: str) -> dict[int, bytes]:
    """Every clip of the trial, by stimulus: made together, so that the time it takes tells nothing of one of them."""
    sounds = {one.pk: _treated(one, language) for one in trial.stimuli.select_related("clip")}
    target = min(_reachable(loudness, peak) for _, loudness, peak in sounds.values())
    return {pk: encode(_at(sound, target - loudness), sound.sample_rate) for pk, (sound, loudness, _) in sounds.items()}


def _treated(stimulus: Stimulus, language: str) -> tuple[Sound, float, float | None]:
    """The sound, its loudness (LUFS) and true peak (dBTP): measured anew where something was done to it."""
    clip = stimulus.clip
    with clip.audio.open() as file:
        sound = flac.decode(file.read())
    if not stimulus.treatment:
        return sound, _loudness(clip), clip.true_peak
    sound = Sound(treat(stimulus.treatment, sound, clip.seed, language), sound.sample_rate)
    return sound, *hygiene.loudness(sound)


def treat(treatment: str, sound: Sound, seed: int, language: str) -> np.ndarray:
    """Samples [n] -> [n] of the same length."""
    what, _, which = treatment.partition("-")
    made: dict[str, Callable[[], np.ndarray]] = {
        "say": lambda: spoken.into(sound.samples, sound.sample_rate, which, language),
        "degrade": lambda: degrade.degrade(sound.samples, sound.sample_rate, int(which), seed),
        "noise": lambda: noise.noise_like(sound.samples, seed),
    }
    return made[what]()


def _at(sound: Sound, gain: float) -> np.ndarray:
    return sound.samples * 10 ** (gain / 20)


def _reachable(loudness: float, peak: float | None) -> float:
    """LUFS that this sound can have without its true peak passing the limit; the target where there is room.

    A peak that was not measured is taken as 0 dBTP.
    """
    target = rules.value("LUFS")
    excess = (0.0 if peak is None else peak) + target - loudness - rules.value("TRUE_PEAK")
    return target - max(0.0, excess)


def _loudness(clip: Clip) -> float:
    """LUFS. Every finished clip has one, by constraint."""
    if clip.loudness is None:
        raise ValueError(f"{clip} is not finished: it has no loudness.")
    return clip.loudness


def encode(samples: np.ndarray, sample_rate: int) -> bytes:
    """PCM WAV of 16 bits: the plain 44-byte header, then the samples in -1..1, [n] or [n, channels]."""
    data = np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2").tobytes()
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    rate, width = sample_rate, hearing.SAMPLE * channels
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, channels, rate,
                       rate * width, width, 8 * hearing.SAMPLE, b"data", len(data))  # fmt: skip
    return head + data
