"""Diffusion models: every item keeps its own sound, and it is the one that diffusers' pipeline makes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import diffusers
import numpy as np
import pytest
import torch

from inference.engines import diffusion, registry
from inference.engines.protocols import EngineError

# diffusers' Oobleck autoencoder is written with torch's former weight normalisation.
pytestmark = pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated:FutureWarning")

FAMILIES = {
    "diffusers-audioldm": "audioldm_checkpoint",
    "diffusers-audioldm2": "audioldm2_checkpoint",
    "diffusers-stable-audio": "stable_audio_checkpoint",
}
TEXTS = ["rain", "sad church music", "gym workout tune with very loud drums and deep bass", "calm", "sad piano music"]
SEEDS = [3, 1, 4, 1, 5]
SECONDS = 0.3


@pytest.fixture(params=FAMILIES)
def family(request) -> tuple[str, str]:
    return request.param, request.getfixturevalue(FAMILIES[request.param])


@pytest.fixture
def load(family):
    return lambda **values: registry.load(*family, values={"steps": 2, **values})


def samples(engine, texts=TEXTS, seeds=SEEDS, seconds=SECONDS):
    return [sound.samples for sound in engine.generate(texts, seeds, seconds)]


@pytest.mark.parametrize("seconds", [0.1, 0.1234, 0.3, 0.485, 1.0])
def test_a_clip_is_as_long_as_asked_for_in_the_models_rate(load, seconds):
    engine = load()

    (sound,) = engine.generate(["rain"], [1], seconds)

    assert (engine.sample_rate, sound.sample_rate, len(sound.samples)) == (8_000, 8_000, round(seconds * 8_000))
    assert sound.samples.dtype == np.float32
    assert np.abs(sound.samples).max() > 0.01
    assert np.abs(sound.samples[-8:]).max() > 0  # made to the end, not padded


def test_an_item_keeps_its_sound_whatever_it_is_batched_with(load):
    engine = load()

    together = samples(engine)
    alone = [samples(engine, [text], [seed])[0] for text, seed in zip(TEXTS, SEEDS, strict=True)]
    in_pairs = samples(load(max_batch=2), TEXTS[::-1], SEEDS[::-1])[::-1]

    assert np.allclose(together, alone, atol=1e-5)
    assert np.allclose(together, in_pairs, atol=1e-5)


def test_guidance_away_from_a_negative_prompt_is_as_independent(load):
    engine = load(negative_prompt="low quality")

    together = samples(engine)

    assert np.allclose(together, [samples(engine, [t], [s])[0] for t, s in zip(TEXTS, SEEDS, strict=True)], atol=1e-5)
    assert not np.allclose(together, samples(load()), atol=1e-3)


def test_texts_of_one_length_and_seed_have_sounds_of_their_own(load):
    engine, texts = load(), ["sad piano", "big drums", "low organ"]

    together = samples(engine, texts, [1, 1, 1])

    assert np.allclose(together, [samples(engine, [text], [1])[0] for text in texts], atol=1e-5)
    assert not np.allclose(together[0], together[1], atol=1e-3)


def test_the_seed_decides_and_the_global_generators_have_no_say(load):
    engine = load()
    torch.manual_seed(1)
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()

    first = samples(engine, ["rain", "rain"], [1, -(2**63)])

    assert torch.equal(torch.get_rng_state(), before)
    assert np.array_equal(np.random.get_state()[1], numpy_before)
    torch.manual_seed(2)
    assert np.array_equal(first, samples(load(), ["rain", "rain"], [1, -(2**63)]))
    assert not np.allclose(first[0], first[1], atol=1e-3)


def test_without_guidance_there_is_sound_too(load):
    assert np.abs(samples(load(guidance=1.0))).max() > 0.01


def test_texts_of_any_length_share_one_call_that_asks_for_a_waveform_each(load, monkeypatch):
    """AudioLDM 2 sorts several by CLAP, so that a seed's sound would hang on its siblings."""
    engine, asked = load(max_batch=5), []
    call = type(engine.pipeline).__call__
    monkeypatch.setattr(type(engine.pipeline), "__call__", lambda self, *a, **k: asked.append(k) or call(self, *a, **k))

    assert len(engine.generate(TEXTS, SEEDS, SECONDS)) == len(TEXTS)
    assert [k["num_waveforms_per_prompt"] for k in asked] == [1]


def test_memory_that_runs_out_halves_the_batch_and_changes_nothing(load, monkeypatch):
    engine, texts, seeds = load(max_batch=4), ["rain"] * 4, [1, 2, 3, 4]
    expected, plain, tried = samples(engine, texts, seeds), engine._waves, []

    def narrow(texts, *rest):
        tried.append(len(texts))
        if len(texts) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return plain(texts, *rest)

    monkeypatch.setattr(engine, "_waves", narrow)

    assert np.allclose(samples(engine, texts, seeds), expected, atol=1e-5)
    assert tried == [4, 2, 1, 1, 1, 1]


def test_half_precision_makes_the_same_sound(load):
    """Drawn in half precision, the same seed would give other noise, and another sound."""
    single, half = (samples(load(dtype=dtype), ["rain"], [1])[0] for dtype in ("float32", "bfloat16"))

    assert np.corrcoef(single, half)[0, 1] > 0.98


def test_a_text_longer_than_the_model_reads_names_both_lengths(load):
    with pytest.raises(EngineError, match=r"text of 2\d\d tokens, where this model reads 64: 'rain rain"):
        load().generate(["rain", "rain " * 50], [1, 2], SECONDS)


def test_nothing_to_make_gives_nothing(load):
    assert load().generate([], [], SECONDS) == []


# What diffusers' own pipelines make of one text.


def test_audioldm_sounds_as_in_diffusers(audioldm_checkpoint):
    engine = registry.load("diffusers-audioldm", audioldm_checkpoint, values={"steps": 3})
    pipeline = diffusers.AudioLDMPipeline.from_pretrained(audioldm_checkpoint)

    theirs = pipeline(
        "rain", 0.28, num_inference_steps=3, guidance_scale=2.5, generator=torch.Generator().manual_seed(7)
    )

    assert np.allclose(samples(engine, ["rain"], [7], 0.28)[0], theirs.audios[0], atol=1e-6)


def test_audioldm2_sounds_as_in_diffusers_with_the_language_model_that_its_loop_takes(audioldm2_checkpoint):
    engine = registry.load("diffusers-audioldm2", audioldm2_checkpoint, values={"steps": 3})
    pipeline = diffusers.AudioLDM2Pipeline(**headed(engine.pipeline.components))
    pipeline.set_progress_bar_config(disable=True)

    theirs = pipeline(
        "rain", None, 0.28, num_inference_steps=3, guidance_scale=3.5, generator=torch.Generator().manual_seed(7)
    )

    assert np.allclose(samples(engine, ["rain"], [7], 0.28)[0], theirs.audios[0], atol=1e-6)


def headed(components):
    """The parts with the same GPT-2 inside a GPT2LMHeadModel, which still has GenerationMixin's methods."""
    from transformers import GPT2LMHeadModel

    model = GPT2LMHeadModel(components["language_model"].config).eval()
    model.transformer = components["language_model"]
    return components | {"language_model": model}


@pytest.mark.filterwarnings("ignore:Should have :UserWarning")  # torchsde, of the schedule's rounded ends
def test_stable_audio_sounds_as_in_diffusers(stable_audio_checkpoint):
    engine = registry.load("diffusers-stable-audio", stable_audio_checkpoint, values={"steps": 3})
    pipeline = diffusers.StableAudioPipeline.from_pretrained(stable_audio_checkpoint)
    pipeline.set_progress_bar_config(disable=True)

    theirs = pipeline(
        "rain",
        audio_end_in_s=0.3,
        num_inference_steps=3,
        guidance_scale=7.0,
        generator=[torch.Generator().manual_seed(7)],
        output_type="np",
    )

    assert np.allclose(samples(engine, ["rain"], [7], 0.3)[0], theirs.audios[0].mean(0), atol=1e-4)


def test_stable_audios_noise_is_drawn_on_the_cpu_for_each_item(stable_audio_checkpoint):
    engine = registry.load("diffusers-stable-audio", stable_audio_checkpoint)
    like = torch.zeros(2, 4, 10, dtype=torch.bfloat16)

    noise = engine.pipeline.scheduler._trees(like, [1, 2])(torch.tensor(500.0001), torch.tensor(20.0))

    assert isinstance(engine.pipeline.scheduler, diffusion.SamplerOnTheCpu)
    assert noise.dtype == torch.bfloat16
    assert torch.equal(
        noise[1], engine.pipeline.scheduler._trees(like[:1], [2])(torch.tensor(500.0001), torch.tensor(20.0))[0]
    )


def test_stable_audio_refuses_what_is_longer_than_its_latents(stable_audio_checkpoint):
    with pytest.raises(EngineError, match=r"clips of up to 1\.0 s; 1\.1 s were asked for"):
        registry.load("diffusers-stable-audio", stable_audio_checkpoint).generate(["rain"], [1], 1.1)


# Checkpoints: whole or refused.

MODEL = {
    "diffusers-audioldm": "unet",
    "diffusers-audioldm2": "projection_model",
    "diffusers-stable-audio": "transformer",
}


@pytest.fixture
def damaged(family, tmp_path) -> tuple[str, Path]:
    return family[0], Path(shutil.copytree(family[1], tmp_path / "copy"))


def refusal(engine: str, checkpoint: str | Path, revision: str = "") -> str:
    with pytest.raises(EngineError) as raised:
        registry.load(engine, str(checkpoint), revision)
    return str(raised.value)


def test_a_missing_folder_says_where_it_looked(tmp_path):
    message = refusal("diffusers-audioldm", tmp_path / "nowhere")

    assert f"no model_index.json in {tmp_path}/nowhere; copy" in message


def test_no_checkpoint_at_all_says_what_is_needed():
    assert "needs a checkpoint" in refusal("diffusers-audioldm", "")


def test_a_hub_name_without_a_network_says_how_to_get_it():
    message = refusal("diffusers-audioldm2", "cvssp/audioldm2-music", "abc123")

    assert "'cvssp/audioldm2-music' (revision abc123)" in message
    assert "`hf download cvssp/audioldm2-music --revision abc123`" in message


@pytest.mark.parametrize("engine", FAMILIES)
def test_a_gated_hub_name_says_how_to_be_let_in(engine, gated, monkeypatch):
    monkeypatch.setattr("inference.engines.pipelines.snapshot_download", gated)

    message = refusal(engine, "some/model", "v1")

    assert "'some/model' (revision v1) is gated" in message
    assert "ask for access on its page, https://huggingface.co/some/model" in message
    assert "`hf auth login`, then `hf download some/model --revision v1`" in message


def test_a_hub_name_is_read_from_the_local_cache_at_its_revision(audioldm_checkpoint, tmp_path, monkeypatch):
    commit, repository = "a" * 40, tmp_path / "models--someone--small"
    shutil.copytree(audioldm_checkpoint, repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "v1").write_text(commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))

    for revision in ("v1", commit):
        engine = registry.load("diffusers-audioldm", "someone/small", revision, {"steps": 2})
        assert len(engine.generate(["rain"], [1], 0.1)) == 1
    assert "someone/small" in refusal("diffusers-audioldm", "someone/small", "v2")


def test_a_damaged_index_is_named(damaged):
    (damaged[1] / "model_index.json").write_text("{")

    assert f"model_index.json in {damaged[1]} is not valid JSON" in refusal(*damaged)


def test_a_damaged_weights_file_is_named(damaged):
    weights = damaged[1] / MODEL[damaged[0]] / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])

    message = refusal(*damaged)

    assert f"its {MODEL[damaged[0]]} in {weights.parent} cannot be read" in message
    assert "diffusion_pytorch_model.safetensors is damaged" in message


def test_weights_as_pickles_are_not_read(damaged):
    folder = damaged[1] / MODEL[damaged[0]]
    weights = folder / "diffusion_pytorch_model.safetensors"
    torch.save({}, folder / "diffusion_pytorch_model.bin")
    weights.unlink()

    assert "diffusion_pytorch_model.safetensors" in refusal(*damaged)


def test_a_missing_part_is_named(damaged):
    shutil.rmtree(damaged[1] / "tokenizer")

    assert f"its tokenizer in {damaged[1]}/tokenizer cannot be read" in refusal(*damaged)


@pytest.mark.parametrize("part", ["text_encoder", "model"])
def test_weights_that_would_be_made_up_are_refused(damaged, part):
    from safetensors.torch import load_file, save_file

    folder = damaged[1] / (MODEL[damaged[0]] if part == "model" else part)
    (path,) = folder.glob("*.safetensors")
    weights = load_file(path)
    del weights[max(weights)]
    save_file(weights, path, {"format": "pt"})

    assert "weights are missing" in refusal(*damaged)


def test_another_pipelines_checkpoint_is_refused(audioldm_checkpoint):
    message = refusal("diffusers-audioldm2", audioldm_checkpoint)

    assert "names no text_encoder_2, projection_model, language_model" in message


def test_a_class_that_no_library_has_is_named(audioldm_checkpoint, tmp_path):
    copy = Path(shutil.copytree(audioldm_checkpoint, tmp_path / "copy"))
    index = json.loads((copy / "model_index.json").read_text())
    (copy / "model_index.json").write_text(json.dumps(index | {"vocoder": ["elsewhere", "NoSuchVocoder"]}))

    assert "its vocoder is a NoSuchVocoder, which no library here knows" in refusal("diffusers-audioldm", copy)
