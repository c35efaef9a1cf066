"""audiocraft's own MusicGen and AudioGen: every item keeps its own sound, which is the one that the library makes."""

from __future__ import annotations

import shutil
import string
from pathlib import Path

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from inference.engines import audiocraft as engines
from inference.engines import registry
from inference.engines.audiocraft import AudiocraftAudioGen, AudiocraftMusicGen, own_draws, whole_frames
from inference.engines.protocols import EngineError

KINDS = {  # engine: (checkpoint's folder, sample rate, codec's ratios at 50 frames a second, seconds made at a time)
    "audiocraft-musicgen": ("musicgen", 32_000, [8, 5, 4, 4], 30.0),
    "audiocraft-audiogen": ("audiogen", 16_000, [8, 5, 4, 2], 10.0),
}
TEXTS = ["a dog barks twice", "rain", "slow strings, a warm low drone", "calm piano music with soft rain", "gravel"]
SEEDS = [3, 1, 4, 1, 5]
SECONDS = 0.4


def build_t5(folder: Path) -> None:
    """A random T5 encoder of width 32, and its tokenizer, to which every letter is a token."""
    from transformers import T5Config, T5EncoderModel, T5Tokenizer

    words = ["<pad>", "</s>", "<unk>", "▁", *sorted(set(string.printable) - set(string.whitespace))]
    T5Tokenizer(vocab=[(word, -2.0) for word in words], extra_ids=0).save_pretrained(folder)
    T5EncoderModel(
        T5Config(vocab_size=128, d_model=32, d_kv=8, d_ff=64, num_layers=1, num_heads=4, pad_token_id=0, eos_token_id=1)
    ).save_pretrained(folder)


def codec_config(sample_rate: int, ratios: list[int]) -> dict:
    """The keys that audiocraft's builders read. Without k-means: codebooks that wait for it are zeros, hence silent."""
    return {
        "compression_model": "encodec",
        "sample_rate": sample_rate,
        "channels": 1,
        "device": "cpu",
        "encodec": {
            "autoencoder": "seanet",
            "quantizer": "rvq",
            "sample_rate": sample_rate,
            "channels": 1,
            "causal": False,
            "renormalize": False,
        },
        "seanet": {
            "dimension": 16,
            "channels": 1,
            "causal": False,
            "n_filters": 4,
            "n_residual_layers": 1,
            "ratios": ratios,
            "norm": "weight_norm",
            "kernel_size": 7,
            "residual_kernel_size": 3,
            "last_kernel_size": 7,
            "dilation_base": 2,
            "pad_mode": "constant",
            "compress": 2,
            "lstm": 2,
            "decoder": {},
            "encoder": {},
        },
        "rvq": {"n_q": 4, "bins": 64, "kmeans_init": False},
    }


def language_model_config(sample_rate: int, segment: float) -> dict:
    return {
        "lm_model": "transformer_lm",
        "sample_rate": sample_rate,
        "channels": 1,
        "device": "cpu",
        "dtype": "float32",
        "codebooks_pattern": {
            "modeling": "delay",
            "delay": {"delays": [0, 1, 2, 3], "flatten_first": 0, "empty_initial": 0},
        },
        "transformer_lm": {
            "n_q": 4,
            "card": 64,
            "dim": 64,
            "num_heads": 4,
            "num_layers": 2,
            "hidden_scale": 4,
            "norm_first": True,
            "bias_ff": False,
            "bias_attn": False,
            "bias_proj": False,
            "causal": True,
            "custom": False,
            "memory_efficient": True,
            "cross_attention": False,
            "weight_init": "gaussian",
            "depthwise_init": "current",
            "zero_bias_init": True,
        },
        "classifier_free_guidance": {"training_dropout": 0.3, "inference_coef": 3.0},
        "attribute_dropout": {},
        "fuser": {
            "cross_attention_pos_emb": False,
            "cross_attention_pos_emb_scale": 1,
            "sum": [],
            "prepend": [],
            "cross": ["description"],
            "input_interpolate": [],
        },
        "conditioners": {"description": {"model": "t5", "t5": {"name": "t5-base", "finetune": False}}},
        "dataset": {"segment_duration": segment},
        "interleave_stereo_codebooks": {"use": False},
    }


def save(path: Path, config: dict, build) -> None:
    """As audiocraft.utils.export writes it: weights, and the configuration as YAML."""
    made = OmegaConf.create(config)
    model = build(made)
    for weight in model.parameters():  # it starts so flat that every code would be as likely
        weight.data.mul_(1.5 if weight.ndim > 1 and "lm_model" in config else 1)
    file = {"best_state": model.state_dict(), "xp.cfg": OmegaConf.to_yaml(made), "version": "1.3.0", "exported": True}
    torch.save(file, path)


@pytest.fixture(scope="session")
def audiocraft_checkpoints(tmp_path_factory) -> Path:
    """Folders `musicgen` and `audiogen` of random models with their T5."""
    from audiocraft.models import builders

    root = tmp_path_factory.mktemp("audiocraft")
    with torch.random.fork_rng(), pytest.warns(FutureWarning, match="weight_norm"):
        torch.manual_seed(17)
        for name, sample_rate, ratios, segment in KINDS.values():
            build_t5(root / name / "t5")
            with engines._text_encoder(root / name / "t5"):
                codec, model = codec_config(sample_rate, ratios), language_model_config(sample_rate, segment)
                save(root / name / "compression_state_dict.bin", codec, builders.get_compression_model)
                save(root / name / "state_dict.bin", model, builders.get_lm_model)
    return root


@pytest.fixture(scope="session", params=KINDS)
def engine(request, audiocraft_checkpoints):
    return registry.load(request.param, str(audiocraft_checkpoints / KINDS[request.param][0]))


@pytest.fixture
def folder(audiocraft_checkpoints, tmp_path) -> Path:
    """A MusicGen of the test's own, to be damaged."""
    return Path(shutil.copytree(audiocraft_checkpoints / "musicgen", tmp_path / "musicgen"))


def load(folder: Path, **values):
    return registry.load("audiocraft-musicgen", str(folder), values=values)


def samples(engine, texts, seeds, seconds=SECONDS) -> list[np.ndarray]:
    return [sound.samples for sound in engine.generate(texts, seeds, seconds)]


def close(one, two) -> bool:
    return all(np.allclose(a, b, atol=1e-6) for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize("name", KINDS)
def test_clips_are_as_long_as_asked_for_at_the_models_rate(audiocraft_checkpoints, name):
    folder, rate, _, segment = KINDS[name]
    engine = registry.load(name, str(audiocraft_checkpoints / folder))

    assert (engine.sample_rate, engine.model.max_duration) == (rate, segment)
    assert engine.stride == {"musicgen": 18, "audiogen": 2}[folder]
    for seconds in (0.1, 0.29, 0.333, 0.5):  # 0.29 s are 14.5 frames: audiocraft alone would make 14
        (sound,) = engine.generate(["rain"], [1], seconds)
        assert (sound.sample_rate, len(sound.samples)) == (rate, round(seconds * rate))
        assert sound.samples.dtype == np.float32 and np.abs(sound.samples[-50:]).max() > 0


def test_durations_are_whole_frames_that_audiocraft_does_not_round_down():
    for frames in range(1, 4000):
        seconds = frames / 50
        assert int(whole_frames(seconds, 50) * 50) == frames
        assert whole_frames(seconds, 50) == pytest.approx(seconds)
        assert int(whole_frames(seconds - 0.004, 50) * 50) == frames
    assert whole_frames(30.0, 50) <= 30.0  # else it would be made in windows


def test_an_item_keeps_its_sound_whatever_it_is_batched_with(engine):
    """Captions of different lengths: audiocraft attends to the padding of the shorter ones."""
    one_by_one = [samples(engine, [text], [seed])[0] for text, seed in zip(TEXTS, SEEDS, strict=True)]

    assert close(samples(engine, TEXTS, SEEDS), one_by_one)
    assert close(samples(engine, TEXTS[::-1], SEEDS[::-1])[::-1], one_by_one)
    for start in (0, 2):
        assert close(samples(engine, TEXTS[start : start + 2], SEEDS[start : start + 2]), one_by_one[start : start + 2])


@pytest.mark.parametrize("max_batch", [1, 2, 5])
def test_alike_captions_share_batches_and_keep_their_sounds(audiocraft_checkpoints, max_batch, monkeypatch):
    grouped = load(audiocraft_checkpoints / "musicgen", max_batch=max_batch)
    plain, sizes = grouped._waves, []
    monkeypatch.setattr(grouped, "_waves", lambda items: sizes.append(len(items)) or plain(items))
    reference = load(audiocraft_checkpoints / "musicgen")

    texts = ["rain", "wind", "bark", "rain", "drum"]
    made = samples(grouped, texts, SEEDS)

    assert sizes == {1: [1] * 5, 2: [2, 2, 1], 5: [5]}[max_batch]
    assert close(made, [samples(reference, [text], [seed])[0] for text, seed in zip(texts, SEEDS, strict=True)])


@pytest.mark.parametrize("name", KINDS)
def test_memory_that_runs_out_halves_the_batch_and_changes_nothing(audiocraft_checkpoints, name, monkeypatch):
    engine = registry.load(name, str(audiocraft_checkpoints / KINDS[name][0]), values={"max_batch": 4})
    texts, seeds, tried = ["rain", "wind", "bark", "drum"], SEEDS[:4], []
    expected, plain = samples(engine, texts, seeds), engine._waves

    def narrow(items):
        tried.append(len(items))
        if len(items) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return plain(items)

    monkeypatch.setattr(engine, "_waves", narrow)

    assert np.allclose(samples(engine, texts, seeds), expected, atol=1e-5)
    assert tried == [4, 2, 1, 1, 1, 1]


def test_the_seed_and_the_text_decide_and_the_global_generator_has_no_say(engine):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = samples(engine, ["rain", "rain", "gravel"], [1, 2, 1])

    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert close(first, samples(engine, ["rain", "rain", "gravel"], [1, 2, 1]))
    assert not np.allclose(first[0], first[1], atol=1e-3) and not np.allclose(first[0], first[2], atol=1e-3)


def test_loading_leaves_the_global_generator_alone(audiocraft_checkpoints):
    before = torch.get_rng_state()

    load(audiocraft_checkpoints / "musicgen")

    assert torch.equal(torch.get_rng_state(), before)


def test_variants_of_one_text_are_clips_of_their_own(engine):
    sounds = engine.generate(["rain"] * 3, [1, 2, 3], SECONDS)

    assert [len(sound.samples) for sound in sounds] == [round(SECONDS * engine.sample_rate)] * 3
    assert not np.allclose(sounds[0].samples, sounds[1].samples, atol=1e-3)


def test_greedily_a_clip_is_what_audiocraft_itself_makes(audiocraft_checkpoints):
    for name, (folder, *_) in KINDS.items():
        greedy = registry.load(name, str(audiocraft_checkpoints / folder), values={"top_k": 1, "guidance": 2.0})
        for text in TEXTS:
            (ours,) = samples(greedy, [text], [7])
            greedy.model.set_generation_params(
                use_sampling=False, duration=SECONDS, cfg_coef=2.0, extend_stride=greedy.stride
            )
            theirs = greedy.model.generate([text])[0, 0].numpy()
            assert np.array_equal(ours, theirs)


def test_draws_follow_the_probabilities():
    probabilities = torch.tensor([0.0, 0.5, 0.3, 0.2, 0.0]).expand(20, 1000, 5)

    drawn = own_draws(range(20))(probabilities)

    assert drawn.shape == (20, 1000, 1)
    assert (torch.bincount(drawn.flatten(), minlength=5) / 20_000).tolist() == pytest.approx(
        [0, 0.5, 0.3, 0.2, 0], abs=0.015
    )


@pytest.mark.parametrize("values", [{"top_p": 0.5}, {"temperature": 0.3}, {"guidance": 1.0}, {"top_k": 2}])
def test_every_parameter_is_heard(audiocraft_checkpoints, values):
    changed, plain = (load(audiocraft_checkpoints / "musicgen", **chosen) for chosen in (values, {}))

    assert not close(samples(changed, ["rain"], [1]), samples(plain, ["rain"], [1]))


def test_a_clip_longer_than_the_model_makes_at_a_time_goes_on_from_its_end(audiocraft_checkpoints):
    engine = load(audiocraft_checkpoints / "musicgen", extend_stride=0.2)
    engine.model.max_duration = 0.4

    long = samples(engine, TEXTS[:2], SEEDS[:2], 1.0)

    assert [len(wave) for wave in long] == [32_000] * 2
    assert close(long, [samples(engine, [TEXTS[i]], [SEEDS[i]], 1.0)[0] for i in range(2)])
    assert not np.allclose(long[0][:6400], long[0][12_800:19_200], atol=1e-3)


def test_windows_that_would_not_overlap_are_refused(audiocraft_checkpoints):
    with pytest.raises(EngineError, match=r"extend_stride is 30 s, but this model makes 30 s at a time"):
        load(audiocraft_checkpoints / "musicgen", extend_stride=30)


def test_a_stereo_model_whose_codec_is_named_makes_mono_clips(folder, monkeypatch):
    """Some published files name their codec on the hub; stereo models run two channels of it side by side."""
    from audiocraft.models import builders
    from audiocraft.models.encodec import HFEncodecModel

    config = language_model_config(32_000, 30.0)
    config["interleave_stereo_codebooks"] = {"use": True}
    config["transformer_lm"]["n_q"] = 8
    config["codebooks_pattern"]["delay"]["delays"] = [0, 0, 1, 1, 2, 2, 3, 3]
    with torch.random.fork_rng(), engines._text_encoder(folder / "t5"):
        save(folder / "state_dict.bin", config, builders.get_lm_model)
        codec = HFEncodecModel(small_encodec())
        for name, buffer in codec.named_buffers():  # codebooks wait for training as zeros: silence
            if name.endswith("embed"):
                buffer.normal_()
    torch.save({"pretrained": "facebook/encodec_32khz", "exported": True}, folder / "compression_state_dict.bin")
    monkeypatch.setattr(HFEncodecModel, "from_pretrained", lambda name: codec)
    engine = load(folder)
    engine._set_length(SECONDS)
    stereo = engine.model.generate(["rain"])[0]

    assert (engine.model.audio_channels, len(stereo)) == (2, 2) and not torch.equal(*stereo)
    (sound,) = engine.generate(["rain"], [1], SECONDS)
    assert (sound.sample_rate, sound.samples.shape) == (32_000, (12_800,))


def small_encodec():
    from transformers import EncodecConfig

    return EncodecConfig(
        sampling_rate=32_000,
        upsampling_ratios=[8, 5, 4, 4],
        target_bandwidths=[1.2],  # kbit/s: four codebooks of 64 codes, 50 times a second
        hidden_size=16,
        num_filters=4,
        codebook_size=64,
        codebook_dim=16,
        num_lstm_layers=1,
        normalize=False,
        use_causal_conv=False,
    )


def test_a_text_longer_than_the_encoder_reads_names_both_lengths(engine):
    with pytest.raises(EngineError, match=r"text of \d{3,} tokens, where the text encoder reads 512"):
        engine.generate(["rain " * 600], [1], 0.1)


@pytest.mark.parametrize("name", ["state_dict.bin", "compression_state_dict.bin"])
def test_a_missing_file_is_named_with_its_place(folder, name):
    (folder / name).unlink()

    with pytest.raises(EngineError, match=f"no {name} in {folder}; copy"):
        load(folder)


def test_a_hub_name_that_is_not_at_hand_says_what_to_type(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(EngineError, match=r"`hf download some/model state_dict\.bin .* --revision v1`"):
        registry.load("audiocraft-musicgen", "some/model", revision="v1")


def test_a_gated_hub_name_says_how_to_be_let_in(gated, monkeypatch):
    monkeypatch.setattr("inference.engines.hub_files.snapshot_download", gated)

    with pytest.raises(EngineError) as refused:
        registry.load("audiocraft-musicgen", "some/model")

    assert "'some/model' (revision main) is gated" in str(refused.value)
    assert "ask for access on its page, https://huggingface.co/some/model" in str(refused.value)
    assert "`hf auth login`, then `hf download some/model state_dict.bin" in str(refused.value)


def test_a_hub_name_takes_the_snapshot_of_its_revision(audiocraft_checkpoints, monkeypatch):
    asked = []

    def snapshot(name, revision, allow_patterns):
        asked.append((name, revision, allow_patterns))
        return str(audiocraft_checkpoints / "musicgen")

    monkeypatch.setattr("inference.engines.hub_files.snapshot_download", snapshot)
    engine = registry.load("audiocraft-musicgen", "some/model", revision="0123abc")

    assert asked == [("some/model", "0123abc", ["state_dict.bin", "compression_state_dict.bin", "t5/*"])]
    assert isinstance(engine, AudiocraftMusicGen) and not isinstance(engine, AudiocraftAudioGen)


@pytest.mark.parametrize("keep", [0, 100, 20_000])
def test_a_damaged_file_is_named(folder, keep):
    path = folder / "state_dict.bin"
    path.write_bytes(path.read_bytes()[:keep])

    with pytest.raises(EngineError, match=r"state_dict\.bin is damaged"):
        load(folder)


class Intruder:
    def __reduce__(self):
        return (print, ("code from the file ran",))


def test_code_in_a_file_does_not_run(folder, capsys):
    torch.save({"best_state": Intruder(), "xp.cfg": ""}, folder / "state_dict.bin")

    with pytest.raises(EngineError, match=r"state_dict\.bin holds more than weights \(.*print\)"):
        load(folder)
    assert "ran" not in capsys.readouterr().out


def test_another_librarys_file_is_refused(folder):
    torch.save({"weight": torch.zeros(1)}, folder / "state_dict.bin")

    with pytest.raises(EngineError, match=r"state_dict\.bin is no checkpoint of audiocraft's"):
        load(folder)


def test_a_configuration_pickled_by_omegaconf_is_read(folder):
    """So are the published AudioGen's files."""
    for name in engines.FILES:
        file = torch.load(folder / name)
        config = OmegaConf.create(file["xp.cfg"])
        config.extra = {"list": [1, 2.5, None, True, "x", "${sample_rate}"]}
        torch.save(file | {"xp.cfg": config}, folder / name)

    assert load(folder).generate(["rain"], [1], 0.1)[0].sample_rate == 32_000


@pytest.mark.parametrize("written", [OmegaConf.to_yaml, OmegaConf.create], ids=["as-text", "pickled"])
def test_melody_conditioning_is_refused_before_anything_is_built(folder, written, monkeypatch):
    """Whether or not demucs, which it needs, is at hand."""
    file = torch.load(folder / "state_dict.bin")
    config = OmegaConf.create(file["xp.cfg"])
    chroma = {"sample_rate": "${sample_rate}", "n_chroma": 12, "radix2_exp": 14, "match_len_on_eval": False}
    melody = {"model": "chroma_stem", "chroma_stem": chroma}
    config.conditioners = {"args": {"drop_desc_p": 0.0}, "self_wav": melody, **config.conditioners}
    config.fuser.prepend = ["self_wav", "description"]
    torch.save(file | {"xp.cfg": written(config)}, folder / "state_dict.bin")
    monkeypatch.setattr(AudiocraftMusicGen.library, "get_pretrained", lambda *_, **__: pytest.fail("built"))

    with pytest.raises(EngineError, match=r"melody conditioning .*musicgen-small, -medium or -large, or .*stereo"):
        load(folder)


@pytest.mark.parametrize("name", engines.FILES)
@pytest.mark.parametrize("text", ["conditioners: [", "conditioners: t5", "- conditioners"])
def test_a_configuration_that_cannot_be_read_is_named(folder, name, text):
    file = torch.load(folder / name)
    torch.save(file | {"xp.cfg": text}, folder / name)

    with pytest.raises(EngineError, match=rf"configuration in {folder / name} cannot be read"):
        load(folder)


def test_weights_of_another_size_are_refused_in_one_line(folder):
    file = torch.load(folder / "state_dict.bin")
    config = OmegaConf.create(file["xp.cfg"])
    config.transformer_lm.num_layers = 3
    torch.save(file | {"xp.cfg": OmegaConf.to_yaml(config)}, folder / "state_dict.bin")

    with pytest.raises(EngineError, match="MusicGen cannot be made from") as caught:
        load(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("lost", ["tokenizer.json", "model.safetensors", "config.json"])
def test_a_text_encoder_that_is_not_whole_is_refused(folder, lost):
    """Without its file transformers would make up a tokenizer that knows no words."""
    (folder / "t5" / lost).unlink()

    with pytest.raises(EngineError, match=r"copy (its files again|the text encoder's folder)"):
        load(folder)


def test_a_text_encoder_that_is_not_at_hand_says_how_to_get_it(folder, monkeypatch, tmp_path):
    shutil.rmtree(folder / "t5")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "empty"))

    with pytest.raises(EngineError, match=r"text encoder 't5-base' .* `hf download t5-base`"):
        load(folder)
