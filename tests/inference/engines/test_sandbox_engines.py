"""The sandbox's synthesiser and oracle, as the registry's entries."""

from __future__ import annotations

import numpy as np
import pytest

from inference.engines import flac, hygiene, registry
from inference.engines.protocols import EngineError

TEXTS = ["a slow organ in a large hall", "fast bright piano", "", "something nobody has a word for"]


@pytest.mark.parametrize("sample_rate", [16_000, 24_000])
def test_sounds_have_the_asked_length_and_pass_the_gate(sample_rate):
    generator = registry.load("sandbox-synthesiser", values={"sample_rate": sample_rate})

    sounds = generator.generate(TEXTS, [1, 2, 3, -4], seconds=1.7)

    for sound in sounds:
        assert len(sound.samples) == round(1.7 * sample_rate)
        assert sound.samples.dtype == np.float32
        assert sound.sample_rate == generator.sample_rate == sample_rate
        assert sound.truth
        hygiene.check(sound, seconds=1.7)


def test_a_sound_keeps_its_bytes_whatever_it_is_made_with():
    generator = registry.load("sandbox-synthesiser")

    together = [flac.encode(sound) for sound in generator.generate(TEXTS, [5, 6, 7, 8], seconds=1.0)]
    alone = [
        flac.encode(sound)
        for text, seed in reversed(list(zip(TEXTS, [5, 6, 7, 8], strict=True)))
        for sound in registry.load("sandbox-synthesiser").generate([text], [seed], seconds=1.0)
    ]

    assert together == alone[::-1]


def test_another_generator_is_deaf_to_words_of_some_attributes_alone():
    text, seeds = "a slow organ, no drums", range(24)
    plain = registry.load("sandbox-synthesiser").generate([text] * 24, seeds, seconds=0.1)
    deaf = registry.load("sandbox-synthesiser", values={"deaf_to": ["tempo", "drums"]})

    heard = [sound.truth for sound in deaf.generate([text] * 24, seeds, seconds=0.1)]

    assert {sound.truth["tempo"] for sound in plain} == {"slow"}
    assert {truth["instrument"] for truth in heard} == {"organ"}
    assert {truth["tempo"] for truth in heard} == {"slow", "moderate", "fast"}
    assert {truth["drums"] for truth in heard} == {"none", "light", "driving"}


def test_what_a_generator_may_be_deaf_to_are_attributes():
    with pytest.raises(EngineError, match="there is no mood"):
        registry.validate("sandbox-synthesiser", {"deaf_to": ["tempo", "mood"]})


def test_the_oracle_prefers_the_sound_that_keeps_its_text():
    kept, broken = registry.load("sandbox-synthesiser").generate(["a slow piece", "a fast piece"], [1, 1], seconds=0.5)

    oracle = registry.load("sandbox-oracle")

    found = oracle.judge(["a slow piece"] * 2, [kept.truth, broken.truth])
    assert found[0] > found[1]
    assert all(0 <= value <= 1 for value in found)


def test_the_oracle_refuses_a_sound_of_unknown_truth():
    with pytest.raises(EngineError, match="nothing is known"):
        registry.load("sandbox-oracle").judge(["slow"], [{}])
