"""The gate before scoring, and how loud a sound is."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from inference.engines import hygiene
from inference.engines.hygiene import Gate, RejectedSound
from inference.engines.protocols import EngineError, Sound

RATE = 48_000


def tone(level_db: float = -20.0, seconds: float = 3.0, pitch: float = 997.0) -> Sound:
    """A sine whose peak is at level_db below full scale."""
    time = np.arange(round(seconds * RATE)) / RATE
    return Sound((10 ** (level_db / 20) * np.sin(2 * np.pi * pitch * time)).astype(np.float32), RATE)


def changed(position: int, value: float) -> Sound:
    sound = tone()
    sound.samples[position] = value
    return sound


def test_a_good_sound_passes():
    hygiene.check(tone(), seconds=3.0)
    hygiene.check(tone(-50), seconds=3.0)
    hygiene.check(tone())


@pytest.mark.parametrize(
    ("sound", "reason"),
    [
        (changed(5, np.nan), "1 of 144000 samples are not numbers"),
        (changed(5, -np.inf), "1 of 144000 samples are not numbers"),
        (tone(-80), "silent: -83 dBFS"),
        (Sound(np.zeros(3 * RATE, np.float32), RATE), "silent: -200 dBFS"),
        (tone(seconds=2.9), "lasts 2.900 s where 3.000 s were asked for"),
        (tone(seconds=3.1), "lasts 3.100 s where 3.000 s"),
        (Sound(tone(+20).samples.clip(-1, 1), RATE), "% of the samples are clipped; at most 1.0%"),
        (Sound(np.zeros(0, np.float32), RATE), r"no mono sound: .*\(0,\)"),
        (Sound(np.zeros((2, RATE), np.float32), RATE), "no mono sound"),
    ],
)
def test_a_sound_that_must_not_be_scored_says_why(sound, reason):
    with pytest.raises(RejectedSound, match=reason) as raised:
        hygiene.check(sound, seconds=3.0)
    assert isinstance(raised.value, EngineError)


def test_the_bounds_can_be_moved():
    hygiene.check(tone(-80), gate=Gate(silence=-90))
    hygiene.check(Sound(tone(+20).samples.clip(-1, 1), RATE), gate=Gate(clipped=1.0))
    hygiene.check(tone(seconds=2.9), seconds=3.0, gate=Gate(length=RATE))


@pytest.mark.parametrize("level", [0.0, -20.0, -40.0])
def test_loudness_is_that_of_the_standards_reference_tone(level):
    """BS.1770: a 997 Hz sine at full scale in one channel reads -3.01 LKFS."""
    lufs, true_peak = hygiene.loudness(tone(level))

    assert lufs == pytest.approx(level - 3.01, abs=0.05)
    assert true_peak == pytest.approx(level, abs=0.1)


def test_true_peak_sees_between_the_samples():
    time = np.arange(RATE)
    between = Sound(np.sin(np.pi / 2 * time + np.pi / 4).astype(np.float32), RATE)  # no sample beyond 0.707

    assert np.abs(between.samples).max() < 0.71
    assert hygiene.loudness(between)[1] == pytest.approx(0.0, abs=0.5)


@pytest.mark.parametrize("seconds", [0.01, 0.1, 0.399])
def test_short_sounds_have_a_loudness_too(seconds):
    lufs, true_peak = hygiene.loudness(tone(-20, seconds))

    assert -30 < lufs < -20
    assert true_peak == pytest.approx(-20, abs=1.0)


def test_silence_has_finite_loudness():
    lufs, true_peak = hygiene.loudness(Sound(np.zeros(RATE, np.float32), RATE))

    assert lufs == -70.0
    assert np.isfinite(true_peak)


def test_the_web_tier_gets_no_torch_by_it():
    code = (
        "import sys; import inference.engines.hygiene, inference.engines.flac, inference.engines.registry, "
        "inference.training.parameters; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
