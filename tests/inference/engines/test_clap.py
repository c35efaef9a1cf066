"""CLAP: one clip, one embedding, whatever it is batched with and however long it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, ClapFeatureExtractor

from inference.engines import registry
from inference.engines.protocols import EngineError, Sound

KINDS = ["clap_checkpoint", "fused_clap_checkpoint"]


def sound(number: int, seconds: float = 3.0, rate: int = 16_000) -> Sound:
    """A decaying tone in noise, another for each number."""
    time = np.arange(round(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * (110 + 37 * number) * time) * np.exp(-number * time / 10)
    noise = np.random.default_rng(number).normal(size=len(time))
    return Sound((0.4 * tone + 0.02 * noise).astype(np.float32), rate)


SOUNDS = [sound(n, seconds) for n, seconds in enumerate([3.0, 3.0, 0.7, 8.0, 2.999, 3.001, 6.0] * 5)][:32]
TEXTS = ["rain", "sad church music with a low organ and long echo", "loud drums", "gym " * 60, "calm strings"] * 6


@pytest.fixture(params=KINDS)
def checkpoint(request) -> str:
    return request.getfixturevalue(request.param)


def load(checkpoint: str, **values):
    return registry.load("transformers-clap", checkpoint, values=values)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_embeddings_do_not_depend_on_the_batch(checkpoint, dtype):
    by_size = {size: load(checkpoint, dtype=dtype, max_batch=size) for size in (1, 7, 32)}
    audio = {size: scorer.embed_audio(SOUNDS) for size, scorer in by_size.items()}
    text = {size: scorer.embed_text(TEXTS) for size, scorer in by_size.items()}
    scores = {size: audio[size] @ text[size].T for size in by_size}

    for size in (7, 32):
        assert np.abs(scores[size] - scores[1]).max() < 1e-5
    for found in (audio, text):
        for size in (7, 32):
            if dtype == "float64":
                assert np.array_equal(found[size], found[1])
            else:
                assert np.abs(found[size] - found[1]).max() < 1e-5


def test_a_sound_keeps_its_embedding_beside_other_lengths(checkpoint):
    scorer = load(checkpoint)

    alone = np.concatenate([scorer.embed_audio([one]) for one in SOUNDS[:7]])

    assert np.abs(scorer.embed_audio(SOUNDS[:7]) - alone).max() < 1e-5


@pytest.mark.parametrize(("call", "method"), [("embed_audio", "_embed_windows"), ("embed_text", "_embed_tokens")])
def test_memory_that_runs_out_halves_the_batch_and_changes_nothing(checkpoint, call, method, monkeypatch):
    scorer, tried = load(checkpoint, max_batch=4), []
    items = {"embed_audio": [sound(n) for n in range(4)], "embed_text": ["rain", "bass", "loud", "calm"]}[call]
    expected, plain = getattr(scorer, call)(items), getattr(scorer, method)

    def narrow(batch):
        tried.append(len(batch))
        if len(batch) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return plain(batch)

    monkeypatch.setattr(scorer, method, narrow)

    assert np.allclose(getattr(scorer, call)(items), expected, atol=1e-5)
    assert tried == [4, 2, 1, 1, 1, 1]


def test_rows_have_unit_length_and_differ(checkpoint):
    scorer = load(checkpoint)
    audio, text = scorer.embed_audio(SOUNDS[:5]), scorer.embed_text(TEXTS[:5])

    for rows in (audio, text):
        assert rows.shape == (5, scorer.dim) == (5, 24)
        assert rows.dtype == np.float32
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
        assert np.abs(rows[0] - rows[1]).max() > 0.01


def test_audio_is_heard_as_transformers_hears_one_window(clap_checkpoint):
    scorer = load(clap_checkpoint)
    extractor = ClapFeatureExtractor.from_pretrained(clap_checkpoint)
    one = sound(3, seconds=1.9)
    features = extractor(one.samples, sampling_rate=16_000, return_tensors="pt")

    with torch.inference_mode():
        expected = scorer.model.get_audio_features(**features).pooler_output.numpy()

    assert np.abs(scorer.embed_audio([one]) - expected).max() < 1e-3


def test_a_long_clip_is_the_mean_of_fixed_windows(clap_checkpoint):
    scorer = load(clap_checkpoint)
    long = sound(2, seconds=6.0)
    halves = scorer.embed_audio([Sound(long.samples[:48_000], 16_000), Sound(long.samples[48_000:], 16_000)])

    found = scorer.embed_audio([long])

    mean = halves.mean(0)
    assert np.allclose(found[0], mean / np.linalg.norm(mean), atol=1e-5)
    assert np.array_equal(found, scorer.embed_audio([long]))


def test_shorter_windows_can_be_asked_for(clap_checkpoint):
    one = sound(2, seconds=3.0)

    assert not np.allclose(
        load(clap_checkpoint, window_seconds=1.0).embed_audio([one]),
        load(clap_checkpoint).embed_audio([one]),
        atol=1e-4,
    )


def test_the_sample_rate_hardly_matters(clap_checkpoint):
    scorer = load(clap_checkpoint)
    time = np.arange(3 * 48_000) / 48_000
    wave = (0.3 * np.sin(2 * np.pi * 330 * time) * np.exp(-time)).astype(np.float32)
    fine, coarse = Sound(wave, 48_000), Sound(wave[::3], 16_000)

    fine_row, coarse_row = scorer.embed_audio([fine, coarse])

    assert float(fine_row @ coarse_row) > 0.99


def test_random_state_neither_matters_nor_changes(checkpoint):
    scorer = load(checkpoint)
    np.random.seed(1)
    first = scorer.embed_audio(SOUNDS[:7])
    state = np.random.get_state()[1].copy()
    np.random.seed(2)
    scorer.embed_audio(SOUNDS[:7])
    np.random.seed(1)

    assert np.array_equal(first, scorer.embed_audio(SOUNDS[:7]))
    assert np.array_equal(state, np.random.get_state()[1])


def test_text_is_cut_at_the_context(clap_checkpoint):
    scorer = load(clap_checkpoint)
    long = "gym workout " * 40

    assert np.array_equal(scorer.embed_text([long]), scorer.embed_text([long + "rain"]))
    assert np.array_equal(
        load(clap_checkpoint, text_tokens=4).embed_text(["rain rain rain gym"]),
        load(clap_checkpoint, text_tokens=4).embed_text(["rain rain rain organ"]),
    )


def test_a_truncation_saved_with_the_tokenizer_cuts_neither_text_nor_audio(clap_checkpoint, tmp_path):
    folder = Path(shutil.copytree(clap_checkpoint, tmp_path / "copy"))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer("rain", truncation=True, max_length=3, padding="max_length")
    tokenizer.save_pretrained(folder)
    assert '"max_length": 3' in (folder / "tokenizer.json").read_text()

    clean, stained = load(clap_checkpoint), load(str(folder))

    assert np.array_equal(clean.embed_text(TEXTS), stained.embed_text(TEXTS))
    assert np.array_equal(clean.embed_audio(SOUNDS[:2]), stained.embed_audio(SOUNDS[:2]))


def test_the_fingerprint_follows_weights_and_preprocessing_but_not_the_folder(clap_checkpoint, tmp_path):
    folder = Path(shutil.copytree(clap_checkpoint, tmp_path / "copy"))
    scorer = load(clap_checkpoint)
    original = scorer.fingerprint()

    assert len(original) == 64
    assert load(str(folder)).fingerprint() == original
    assert load(clap_checkpoint, max_batch=3).fingerprint() == original
    assert load(clap_checkpoint, window_seconds=1.5).fingerprint() != original
    assert load(clap_checkpoint, text_tokens=7).fingerprint() != original
    with torch.no_grad():
        scorer.model.logit_scale_a.add_(1)
    scorer._fingerprint = ""
    assert scorer.fingerprint() != original


@pytest.mark.parametrize("samples", [[], [0.0, np.nan], [np.inf, 0.0]])
def test_a_broken_sound_is_refused(clap_checkpoint, samples):
    with pytest.raises(EngineError, match="cannot be scored"):
        load(clap_checkpoint).embed_audio([sound(1), Sound(np.array(samples, np.float32), 16_000)])


def test_an_empty_text_is_refused(clap_checkpoint):
    with pytest.raises(EngineError, match="Text 2 of 2 is empty"):
        load(clap_checkpoint).embed_text(["rain", " \n"])


def test_nothing_gives_no_rows(clap_checkpoint):
    scorer = load(clap_checkpoint)

    assert scorer.embed_text([]).shape == scorer.embed_audio([]).shape == (0, 24)


def test_a_model_and_an_extractor_that_disagree_are_refused(clap_checkpoint, fused_clap_checkpoint, tmp_path):
    folder = Path(shutil.copytree(clap_checkpoint, tmp_path / "copy"))
    shutil.copy(Path(fused_clap_checkpoint, "preprocessor_config.json"), folder)

    with pytest.raises(EngineError, match="disagree about fusion"):
        load(str(folder))
