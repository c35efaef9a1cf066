"""MusicGen: every item keeps its own sound, and what is decoded is what transformers decodes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers.cache_utils import EncoderDecoderCache, StaticCache

from inference.engines import registry
from inference.engines.musicgen import sample
from inference.engines.protocols import EngineError

TEXTS = ["sad church music", "gym workout tune with very loud drums and a deep bass", "rain", "calm strings"]
SECONDS = 0.5


@pytest.fixture(params=["musicgen_checkpoint", "stereo_musicgen_checkpoint"])
def load(request):
    checkpoint = request.getfixturevalue(request.param)
    return lambda **values: registry.load(
        "transformers-musicgen", checkpoint, values={"dtype": "float64", "top_k": 20, **values}
    )


def samples(engine, texts, seeds, seconds=SECONDS):
    return [sound.samples for sound in engine.generate(texts, seeds, seconds)]


def test_a_clip_is_as_long_as_asked_for_in_the_models_rate(load):
    engine = load()
    for seconds in (0.1, 0.25, 0.5):
        (sound,) = engine.generate(["rain"], [1], seconds)
        assert (sound.sample_rate, len(sound.samples)) == (engine.sample_rate, round(seconds * engine.sample_rate))
        assert sound.samples.dtype == np.float32 and np.abs(sound.samples).max() > 0


def test_an_item_keeps_its_sound_whatever_it_is_batched_with(load):
    engine, seeds = load(), [3, 1, 4, 1]

    together = samples(engine, TEXTS, seeds)
    alone = [samples(engine, [text], [seed])[0] for text, seed in zip(TEXTS, seeds, strict=True)]
    turned = samples(load(max_batch=3), TEXTS[::-1], seeds[::-1])[::-1]

    for one, two, three in zip(together, alone, turned, strict=True):
        assert np.allclose(one, two, atol=1e-6) and np.allclose(one, three, atol=1e-6)


def test_the_seed_decides_and_the_global_generator_has_no_say(load):
    engine = load()
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = samples(engine, ["rain", "rain"], [1, 2])

    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert np.array_equal(first, samples(engine, ["rain", "rain"], [1, 2]))
    assert not np.allclose(first[0], first[1])


def test_variants_of_one_text_are_clips_of_their_own(load):
    """transformers' num_return_sequences glues them end to end."""
    sounds = load().generate(["rain"] * 3, [1, 2, 3], SECONDS)

    assert len(sounds) == 3
    assert len({len(sound.samples) for sound in sounds}) == 1


@pytest.mark.parametrize("guidance", [1.5, 3.0])
def test_codes_are_those_of_transformers_own_generate(load, guidance):
    """Greedily, one text at a time: guidance, delay pattern, caches and text encoder are then all that matters."""
    engine = load(top_k=1, guidance=guidance, dtype="float32")
    for text in TEXTS:
        tokens = torch.tensor([engine._tokens(text)])
        steps = 25 + int(engine.delays.max())
        theirs = engine.model.generate(
            input_ids=tokens,
            attention_mask=torch.ones_like(tokens),
            do_sample=False,
            guidance_scale=guidance,
            max_new_tokens=steps,
        )
        ours = engine._waves([tokens[0].tolist()], [0], 0.5)[0]

        assert ours.shape == tuple(theirs.shape[1:])
        assert np.allclose(ours, theirs[0].numpy(), atol=1e-5)


def test_every_step_reads_one_column_and_static_caches_of_their_final_size(load, monkeypatch):
    engine, asked = load(), []
    plain, steps, tokens = engine.forward, 25 + int(engine.delays.max()), len(engine._tokens("rain"))
    monkeypatch.setattr(engine, "forward", lambda **given: asked.append(given) or plain(**given))

    engine.generate(["rain"], [1], 0.5)

    cache = asked[0]["past_key_values"]
    assert type(cache) is EncoderDecoderCache
    assert [given["past_key_values"] is cache for given in asked] == [True] * steps
    assert {given["input_ids"].shape[1] for given in asked} == {1}
    for part, length in ((cache.self_attention_cache, steps), (cache.cross_attention_cache, tokens)):
        assert type(part) is StaticCache
        assert {(layer.keys.shape[2], int(layer.get_seq_length())) for layer in part.layers} == {(length, length)}


def test_sampling_follows_the_distribution_of_the_likeliest():
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log().expand(20_000, -1)
    uniform = torch.rand(20_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    counts = torch.bincount(sample(logits, uniform, 1.0, 2), minlength=4) / 20_000

    assert counts.tolist() == pytest.approx([0.625, 0.375, 0, 0], abs=0.01)


def test_longer_than_the_model_was_trained_on_is_refused(load):
    with pytest.raises(EngineError, match="up to 30 s; 31 s were asked for"):
        load().generate(["rain"], [1], 31)


def test_a_text_longer_than_the_encoder_reads_names_both_lengths(load):
    with pytest.raises(EngineError, match=r"text of \d{3,} tokens, where MusicGen's encoder reads 512"):
        load().generate(["rain " * 600], [1], 1)


def test_memory_that_runs_out_halves_the_batch_and_changes_nothing(load, monkeypatch):
    engine, seeds = load(max_batch=4), [1, 2, 3, 4]
    expected, plain, tried = samples(engine, TEXTS, seeds), engine._waves, []

    def narrow(tokens, *rest):
        tried.append(len(tokens))
        if len(tokens) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return plain(tokens, *rest)

    monkeypatch.setattr(engine, "_waves", narrow)
    made = samples(engine, TEXTS, seeds)

    assert tried == [4, 2, 1, 1, 1, 1]
    assert np.allclose(made, expected, atol=1e-6)


def test_one_item_that_does_not_fit_says_what_to_do(load, monkeypatch):
    engine = load()
    monkeypatch.setattr(
        engine, "_waves", lambda *_: (_ for _ in ()).throw(torch.OutOfMemoryError("CUDA out of memory"))
    )

    with pytest.raises(EngineError, match="does not fit into this worker's memory"):
        engine.generate(["rain"], [1], 1)
