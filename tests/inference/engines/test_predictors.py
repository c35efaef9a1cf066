"""Published predictors of quality, and composites of them with a CLAP."""

from __future__ import annotations

import json

import numpy as np
import pytest

from inference.engines import registry, self_test
from inference.engines.protocols import EngineError, Sound

RATE = 16_000
CLAP = {"engine": "transformers-clap", "checkpoint": "sandbox:clap-judge"}


def tone(seconds: float = 2.0, noise: float = 0.0, rate: int = RATE) -> Sound:
    time = np.arange(round(seconds * rate)) / rate
    wave = 0.2 * np.sin(2 * np.pi * 220 * time) * (1 + np.sin(2 * np.pi * 3 * time))
    hiss = noise * np.random.default_rng(1).normal(size=len(time))
    return Sound((wave + hiss).astype(np.float32), rate)


@pytest.fixture(scope="module")
def mos():
    """With its published weights: they come in its package."""
    return registry.load("distillmos")


def test_distillmos_says_what_its_own_package_says(mos):
    import torch

    sound = tone(5.0, noise=0.02)
    ours = mos.embed_audio([sound])[0, 0]

    mos.model.segmenting_in_forward = True
    with torch.inference_mode():
        theirs = float(mos.model(torch.from_numpy(sound.samples)[None])[0])
    mos.model.segmenting_in_forward = False
    assert ours == pytest.approx(theirs, abs=1e-4)
    assert 1 <= ours <= 5


def test_a_clip_is_judged_alike_whatever_is_judged_beside_it(mos):
    sounds = [tone(1.0), tone(9.0), tone(1.0, noise=0.1)]

    together = mos.embed_audio(sounds)
    alone = np.concatenate([mos.embed_audio([sound]) for sound in sounds])

    assert together == pytest.approx(alone, abs=1e-5)
    assert len({float(value) for value in together[:, 0]}) == 3


def test_a_predictor_hears_no_words_and_passes_its_own_examination(mos):
    assert (mos.embed_text(["slow piano", "fast drums"]) == 1.0).all()
    assert "the same in noise" in self_test.examine("scorer", mos)
    assert not registry.entry("distillmos").words and registry.entry("transformers-clap").words
    assert len(mos.fingerprint()) == 64


def test_sounds_that_are_none_are_refused(mos):
    for samples in (np.zeros(0), np.full(800, np.nan)):
        with pytest.raises(EngineError, match="cannot be judged"):
            mos.embed_audio([Sound(samples.astype(np.float32), RATE)])


@pytest.fixture(scope="module")
def aesthetics(tmp_path_factory):
    """A folder as `facebook/audiobox-aesthetics` is one, of a model of its architecture that is small and untrained."""
    from audiobox_aesthetics.model import aes

    small = dict(vars(aes.DEFAULT_AUDIO_CFG))
    small |= {"encoder_layers": 2, "encoder_embed_dim": 32, "encoder_ffn_embed_dim": 64, "encoder_attention_heads": 4}
    small |= {"conv_feature_layers": "[(32,10,5)] + [(32,3,2)] * 4 + [(32,2,2)] * 2", "conv_pos_groups": 4}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aes, "DEFAULT_AUDIO_CFG", aes.WavLMConfig(small))
        import torch

        torch.manual_seed(1)
        scale = {axis: {"mean": 5.0 + at, "std": 2.0} for at, axis in enumerate(aes.AXES_NAME)}
        folder = tmp_path_factory.mktemp("aesthetics")
        with pytest.warns(FutureWarning, match="weight_norm"):
            made = aes.AesMultiOutput(nth_layer=3, target_transform=scale, precision="32")
        made.save_pretrained(folder)
        yield folder


def test_audiobox_aesthetics_is_loaded_as_published_and_gives_four_axes(aesthetics):
    assert json.loads((aesthetics / "config.json").read_text())["nth_layer"] == 3
    engine = registry.load("audiobox-aesthetics", str(aesthetics), "", {"weights": {"PQ": 0.5, "CE": 0.5}})

    rows = engine.embed_audio([tone(2.0), tone(12.0, noise=0.1, rate=24_000)])

    assert rows.shape == (2, 4) and engine.axes == ("CE", "CU", "PC", "PQ")
    assert (engine.embed_text(["anything"]) == [[0.5, 0, 0, 0.5]]).all()
    assert engine.embed_audio([tone(2.0)])[0] == pytest.approx(rows[0], abs=1e-5)


def test_audiobox_aesthetics_says_what_its_own_package_says(aesthetics):
    """Its predictor reads files by torchaudio; what it does with a waveform, it does in these lines."""
    import torch

    engine, sound = registry.load("audiobox-aesthetics", str(aesthetics)), tone(13.0, noise=0.05)
    wave = torch.from_numpy(sound.samples)[None, None]
    parts = [wave[..., :160_000], torch.nn.functional.pad(wave[..., 160_000:], (0, 112_000))]
    masks = [torch.ones_like(parts[0], dtype=bool), torch.arange(160_000)[None, None] < 48_000]
    with torch.inference_mode(), pytest.warns(UserWarning, match="mismatched"):
        found = [engine.model({"wav": part, "mask": mask}) for part, mask in zip(parts, masks, strict=True)]

    theirs = [(10 * float(found[0][a]) + 3 * float(found[1][a])) / 13 * 2 + 5 + at for at, a in enumerate(engine.axes)]
    assert engine.embed_audio([sound])[0] == pytest.approx(theirs, abs=1e-4)


def test_weights_are_checked_before_anything_is_loaded():
    for values in ({"weights": {"XX": 1}}, {"weights": {}}, {"axis": "PQ"}):
        with pytest.raises(EngineError, match="audiobox-aesthetics"):
            registry.validate("audiobox-aesthetics", values)


def part(engine: dict, **numbers) -> dict:
    return {**engine, **numbers}


def test_a_composite_is_the_weighted_sum_of_what_its_parts_say(mos):
    quality = part({"engine": "distillmos"}, weight=-1.0, mean=3, spread=0.5)
    parts = [part(CLAP, weight=2.0, mean=0.3, spread=0.1), quality]
    both = registry.load("composite", values={"scorers": parts})
    texts, sounds = ["slow piano", "loud drums"], [tone(), tone(noise=0.1)]

    values = both.relate(texts, both.embed_text(texts), ["x", "y"], both.embed_audio(sounds))

    clap = registry.load("transformers-clap", "sandbox:clap-judge")
    fits, clean = (clap.embed_text(texts) * clap.embed_audio(sounds)).sum(1), mos.embed_audio(sounds)[:, 0]
    assert values == pytest.approx(2 * (fits - 0.3) / 0.1 - (clean - 3) / 0.5, abs=1e-4)
    assert both.hears_words and both.fingerprint() != clap.fingerprint()


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ([CLAP], "at least 2"),
        ([CLAP, part(CLAP, weight=0)], "must not be 0"),
        ([CLAP, part(CLAP, spread=0)], "greater than 0"),
        ([CLAP, {"engine": "composite"}], "cannot be a part"),
        ([CLAP, {"engine": "sandbox-oracle"}], "is a judge"),
        ([CLAP, {"engine": "nothing"}], "Unknown engine"),
        ([CLAP, part(CLAP, parameters={"no": 1})], "Extra inputs"),
    ],
)
def test_a_composite_of_what_cannot_be_added_up_is_refused(parts, fault):
    with pytest.raises(EngineError, match=fault):
        registry.validate("composite", {"scorers": parts})
