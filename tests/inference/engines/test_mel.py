"""The torch front end hears what transformers' NumPy one hears."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import ClapFeatureExtractor

from inference.engines import mel
from inference.engines.mel import LogMel, MelSettings
from inference.engines.protocols import EngineError, Sound
from inference.engines.resampling import resample

PUBLISHED = {}  # transformers' own defaults are the published numbers: 48 kHz, 10 s, hop 480
SANDBOX = {"sampling_rate": 16_000, "hop_length": 188, "max_length_s": 3, "frequency_max": 8_000}
TOLERANCE = 0.02  # dB


def tone_and_noise(length: int, rate: int) -> np.ndarray:
    """A loud chord that fades to near silence over faint noise: 100 dB of range."""
    time = np.arange(length) / rate
    chord = sum(np.sin(2 * np.pi * pitch * time) for pitch in (110, 440, 1320, 5000))
    return 0.2 * chord * np.exp(-4 * time) + 1e-5 * np.random.default_rng(1).normal(size=length)


def ours(extractor: ClapFeatureExtractor, samples: np.ndarray, dtype: torch.dtype) -> np.ndarray:
    settings = MelSettings.of(extractor)
    wave = mel.fill(samples, settings.window, settings.padding)
    return LogMel(settings, dtype)(torch.from_numpy(wave)[None].to(dtype))[0].numpy()


@pytest.mark.parametrize("padding", ["repeatpad", "repeat", "pad"])
@pytest.mark.parametrize("truncation", ["rand_trunc", "fusion"])
@pytest.mark.parametrize("share", [1.0, 0.4, 0.013])
@pytest.mark.parametrize("numbers", [PUBLISHED, SANDBOX], ids=["published", "sandbox"])
def test_agrees_with_the_reference_up_to_one_window(numbers, share, truncation, padding):
    extractor = ClapFeatureExtractor(**numbers, truncation=truncation, padding=padding)
    rate = extractor.sampling_rate
    samples = tone_and_noise(round(share * extractor.nb_max_samples), rate)
    reference = extractor(samples, sampling_rate=rate, return_tensors="np")["input_features"][0]

    for dtype in (torch.float32, torch.float64):
        found = ours(extractor, samples, dtype)
        assert found.shape == reference.shape
        assert np.abs(found - reference).max() < TOLERANCE


def test_a_longer_clip_becomes_fixed_windows_that_cover_it():
    samples = np.arange(25)

    windows = mel.cut(samples, 10)

    assert [window.tolist() for window in windows] == [[*range(10)], [*range(8, 18)], [*range(15, 25)]]
    assert [len(window) for window in mel.cut(samples, 25)] == [25]
    assert [window.tolist() for window in mel.cut(samples[:11], 10)] == [[*range(10)], [*range(1, 11)]]


@pytest.mark.parametrize("rate", [8_000, 22_050, 32_000, 44_100, 48_000])
def test_resampling_keeps_the_tone_and_gives_the_exact_length(rate):
    time = np.arange(3 * rate) / rate
    sound = Sound(np.sin(2 * np.pi * 440 * time).astype(np.float32), rate)

    found = resample(sound, 16_000)

    assert len(found) == 48_000
    middle = slice(2_000, -2_000)  # a resampler rings at the edges
    expected = np.sin(2 * np.pi * 440 * np.arange(48_000) / 16_000)
    assert np.abs(found - expected)[middle].max() < 1e-4


def test_frames_that_the_checkpoint_does_not_expect_are_an_error():
    settings = MelSettings.of(ClapFeatureExtractor(**SANDBOX))

    with pytest.raises(EngineError, match="86 mel frames where the checkpoint expects 256"):
        LogMel(settings)(torch.zeros(1, 16_000))
