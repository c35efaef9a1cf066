"""A generator's waves become sounds of one length and one channel."""

import numpy as np
import pytest

from inference.engines.fitting import fit
from inference.engines.protocols import EngineError


def test_a_longer_sound_is_cut_and_a_frame_too_few_is_silence():
    ramp = np.linspace(0, 1, 1000, dtype=np.float32)

    assert np.array_equal(fit(ramp, 1000, 0.5).samples, ramp[:500])
    assert np.array_equal(fit(ramp[:950], 1000, 1.0).samples, [*ramp[:950], *np.zeros(50, np.float32)])


def test_channels_are_averaged():
    assert fit(np.array([[0.0, 1.0], [1.0, 1.0]]), 2, 1.0).samples.tolist() == [0.5, 1.0]


def test_a_sound_that_is_much_too_short_is_refused():
    with pytest.raises(EngineError, match=r"made 0\.80 s where 1 s were asked for"):
        fit(np.zeros(800), 1000, 1.0)
