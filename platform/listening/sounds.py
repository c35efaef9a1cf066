"""What raters hear: both clips of a pair as 16-bit WAV of one format, one length and one loudness."""

from __future__ import annotations

import struct

import numpy as np

from inference.engines import flac
from listening import hearing, rules
from listening.models import Presentation
from studies.models import Clip


def wav(presentation: Presentation, side: str) -> bytes:
    """The side's clip at the pair's loudness. Nothing but format, length and samples is in the file."""
    clip = presentation.clip(side)
    with clip.audio.open() as file:
        sound = flac.decode(file.read())
    return encode(sound.samples * 10 ** (gain(clip, presentation) / 20), sound.sample_rate)


def gain(clip: Clip, presentation: Presentation) -> float:
    """dB that bring the clip to the pair's loudness: the target, or as much below it as the higher peak demands."""
    pair = (presentation.trial.first_clip, presentation.trial.second_clip)
    target = rules.value("LUFS")
    return target - max(0.0, *(_excess(one, target) for one in pair)) - _loudness(clip)


def _excess(clip: Clip, target: float) -> float:
    """dB by which the clip at the target loudness would pass the true peak limit. A peak not measured is taken as 0."""
    peak = 0.0 if clip.true_peak is None else clip.true_peak
    return peak + target - _loudness(clip) - rules.value("TRUE_PEAK")


def _loudness(clip: Clip) -> float:
    """LUFS. Every finished clip has one, by constraint."""
    if clip.loudness is None:
        raise ValueError(f"{clip} is not finished: it has no loudness.")
    return clip.loudness


def encode(samples: np.ndarray, sample_rate: int) -> bytes:
    """Mono PCM WAV of 16 bits: the plain 44-byte header, then the samples [n] in -1..1."""
    data = np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2").tobytes()
    rate, width = sample_rate, hearing.SAMPLE
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, rate,
                       rate * width, width, 8 * width, b"data", len(data))  # fmt: skip
    return head + data
