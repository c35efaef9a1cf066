"""What is done to clips for practice, gold and traps."""

import hashlib
import itertools

import numpy as np
import pytest

from config import voices
from inference.engines import flac
from inference.sandbox.synthesiser import render
from listening.stimuli import degrade, noise, spoken

RATE = 16_000
SOUNDS = [render({"drums": drums}, seed, 3.0)[0] for seed, drums in enumerate(("none", "driving", "none"))]


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Log-spectral distance in dB, over frames of 512 samples, levels alike."""
    spectra = []
    for sound in (one, other):
        frames = np.resize(sound / np.sqrt(np.mean(sound**2)), (len(sound) // 512, 512)) * np.hanning(512)
        spectra.append(20 * np.log10(np.abs(np.fft.rfft(frames)) + 1e-2))
    return float(np.sqrt(np.mean((spectra[0] - spectra[1]) ** 2)))


@pytest.mark.parametrize("sound", SOUNDS, ids=range(3))
def test_each_level_is_further_from_the_clip_than_the_one_before(sound):
    distances = [distance(sound, degrade.degrade(sound, RATE, level)) for level in degrade.LEVELS]

    assert distances[0] == pytest.approx(0, abs=0.01)
    assert all(further > 1.1 * near for near, further in itertools.pairwise(distances))
    assert distances[-1] > 10


@pytest.mark.parametrize("level", degrade.LEVELS)
@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
def test_length_stays_and_nothing_passes_full_scale(level, rate):
    made = degrade.degrade(SOUNDS[1], rate, level)

    assert len(made) == len(SOUNDS[1])
    assert np.isfinite(made).all() and np.abs(made).max() <= 1


def test_the_same_seed_makes_the_same_noise():
    assert np.array_equal(degrade.degrade(SOUNDS[0], RATE, 4, 3), degrade.degrade(SOUNDS[0], RATE, 4, 3))
    assert not np.array_equal(degrade.degrade(SOUNDS[0], RATE, 4, 3), degrade.degrade(SOUNDS[0], RATE, 4, 4))


def test_silence_stays_silence():
    assert not degrade.degrade(np.zeros(100), RATE, 4).any()


def test_there_are_four_levels():
    with pytest.raises(ValueError, match="0 to 4"):
        degrade.degrade(SOUNDS[0], RATE, 5)


def test_noise_has_the_clips_spectrum_and_none_of_its_events():
    sound = SOUNDS[1]
    made = noise.noise_like(sound, 1)

    assert len(made) == len(sound)
    assert np.abs(np.fft.rfft(made))[5:-5] == pytest.approx(np.abs(np.fft.rfft(sound))[5:-5], rel=1e-6)
    assert abs(np.corrcoef(sound, made)[0, 1]) < 0.1


@pytest.mark.parametrize("language", spoken.LANGUAGES)
@pytest.mark.parametrize("phrase", ["best", "worst"])
def test_the_voice_is_louder_than_the_clip_and_the_length_stays(language, phrase):
    clip = SOUNDS[0]
    made = spoken.into(clip, RATE, phrase, language)
    alone = spoken.into(np.zeros(len(clip)), RATE, phrase, language)

    assert len(made) == len(clip) and np.abs(made).max() <= 1
    speaking = slice(RATE // 4, round(1.6 * RATE))
    assert np.corrcoef(made[speaking], alone[speaking])[0, 1] > 0.98
    assert spoken.fits(2.4, language) and not spoken.fits(1.5, language)


def test_the_clip_is_heard_before_and_after_the_voice():
    made = spoken.into(SOUNDS[0], RATE, "best", "de")
    last = slice(-RATE // 2, None)

    assert abs(np.corrcoef(made[last], SOUNDS[0][last])[0, 1]) > 0.99


@pytest.mark.parametrize(
    ("language", "like"), [("de-AT", "de"), ("fr", "fr"), ("", "en"), ("ja", "en"), ("EN-us", "en")]
)
def test_a_language_without_a_voice_is_spoken_to_in_english(language, like):
    clip = np.zeros(3 * RATE)
    assert np.array_equal(spoken.into(clip, RATE, "best", language), spoken.into(clip, RATE, "best", like))


def test_a_clip_without_room_for_the_voice_is_refused():
    with pytest.raises(spoken.TooShort, match="seconds"):
        spoken.into(np.zeros(RATE), RATE, "best", "en")


def test_the_voice_keeps_its_pitch_at_other_rates():
    low, high = (spoken.into(np.zeros(3 * rate), rate, "best", "en") for rate in (16_000, 48_000))
    peaks = [np.argmax(np.abs(np.fft.rfft(sound))) / 3 for sound in (low, high)]

    assert peaks[0] == pytest.approx(peaks[1], abs=1)


def test_the_voices_are_what_the_script_makes(tmp_path):
    made = {path.name: path for path in voices.make(tmp_path)}
    kept = {path.name: path for path in spoken.VOICES.iterdir()}

    assert set(made) == set(kept) == {f"{one}-{name}.flac" for one in spoken.LANGUAGES for name in ("best", "worst")}
    for name, path in kept.items():
        assert samples_of(path) == samples_of(made[name]), f"{name} is not what script/voices makes"


def samples_of(path) -> str:
    return hashlib.sha256(np.asarray(flac.decode(path.read_bytes()).samples).tobytes()).hexdigest()
