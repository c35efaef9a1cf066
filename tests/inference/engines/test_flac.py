"""FLAC: the same bytes for the same sound, and the same sound back."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import soundfile

from inference.engines import flac
from inference.engines.protocols import EngineError, Sound

NOISE = Sound(np.random.default_rng(0).uniform(-1, 1, 16_000).astype(np.float32), 16_000)


def test_a_sound_comes_back_within_half_a_step_of_16_bits():
    found = flac.decode(flac.encode(NOISE))

    assert found.sample_rate == 16_000
    assert found.samples.dtype == np.float32
    assert np.abs(found.samples - NOISE.samples).max() <= 1 / 32768


def test_the_same_sound_gives_the_same_bytes():
    assert flac.encode(NOISE) == flac.encode(Sound(NOISE.samples.copy(), 16_000))


def test_encoding_what_was_decoded_changes_nothing():
    once = flac.encode(NOISE)

    assert flac.encode(flac.decode(once)) == once


def test_samples_beyond_full_scale_are_clipped_not_wrapped():
    found = flac.decode(flac.encode(Sound(np.array([3.0, -3.0, 1.0, -1.0, 0.0], np.float32), 16_000)))

    assert found.samples == pytest.approx([1, -1, 1, -1, 0], abs=1e-4)


@pytest.mark.parametrize("content", [b"", b"not audio", flac.encode(NOISE)[:20]])
def test_bytes_that_are_no_audio_are_an_engine_error(content):
    with pytest.raises(EngineError, match="no audio"):
        flac.decode(content)


def test_stereo_is_refused():
    buffer = BytesIO()
    soundfile.write(buffer, np.zeros((100, 2)), 16_000, format="FLAC")

    with pytest.raises(EngineError, match="2 channels"):
        flac.decode(buffer.getvalue())
