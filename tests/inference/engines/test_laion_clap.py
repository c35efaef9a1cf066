"""LAION's own CLAP: the same vectors as through transformers, and none of the library's chances."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import RobertaConfig

from inference.engines import laion, registry
from inference.engines.batching import Batches, quick_batch
from inference.engines.parameters import LaionClapParameters
from inference.engines.protocols import EngineError, Sound

TEXTS = [
    "rain",
    "sad church music with a low organ",
    "loud drums",
    "gym " * 60,
    "calm strings",
    "birds at dawn",
    "bass",
]
TEXT = {  # RoBERTa-base's own but for its depth and words; the width of 768 is laion_clap's
    "hidden_size": 768,
    "num_hidden_layers": 1,
    "num_attention_heads": 12,
    "intermediate_size": 64,
    "max_position_embeddings": 514,
    "type_vocab_size": 1,
    "layer_norm_eps": 1e-5,
    "pad_token_id": 1,
    "bos_token_id": 0,
    "eos_token_id": 2,
}


def sound(number: int, seconds: float = 10.0, rate: int = 48_000) -> Sound:
    """A decaying tone in noise, another for each number."""
    time = np.arange(round(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * (110 + 137 * number) * time) * np.exp(-number * time / 10)
    noise = np.random.default_rng(number).normal(size=len(time))
    return Sound((0.4 * tone + 0.02 * noise).astype(np.float32), rate)


SOUNDS = [sound(number, (0.7, 10.0, 2.9, 0.3)[number % 4], 8_000) for number in range(32)]


def build_tokenizer(folder: Path) -> int:
    """RoBERTa's, of single bytes. The number of its words."""
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import RobertaTokenizer

    words = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *sorted(ByteLevel.alphabet())]
    vocab = {word: number for number, word in enumerate(words)}
    RobertaTokenizer(vocab=vocab, merges=[], model_max_length=512).save_pretrained(folder)
    return len(words)


def build(folder: Path, amodel: str) -> Path:
    """A random checkpoint as LAION's training wrote them, with its text tower beside it."""
    config = RobertaConfig(vocab_size=build_tokenizer(folder / "roberta-base"), **TEXT)
    config.save_pretrained(folder / "roberta-base")
    with torch.random.fork_rng():
        torch.manual_seed(19)
        model, _ = laion._built(amodel, config)
        for name, weight in model.named_parameters():  # it starts so flat that every sound would be alike
            weight.data.mul_(3 if weight.ndim > 1 and "extractor" not in name else 1)
        model.audio_branch.bn0.running_mean.uniform_(-50, -30)
        model.audio_branch.bn0.running_var.uniform_(200, 400)
    state = {f"module.{name}": tensor for name, tensor in model.state_dict().items()}
    state["module.text_branch.embeddings.position_ids"] = torch.arange(514)[None]
    path = folder / "clap.pt"
    torch.save({"epoch": 3, "name": "random", "best": np.float64(0.5), "state_dict": state}, path)
    return path


def as_transformers(laions: dict[str, torch.Tensor], names: list[str]) -> dict[str, torch.Tensor]:
    """laion_clap's weights under transformers' names (its `convert_clap_original_pytorch_to_hf.py`)."""
    renamed = [
        (r"^text_model\.", "text_branch."),
        (r"^audio_model\.audio_encoder\.", "audio_branch."),
        (r"^(audio|text)_projection\.linear1\.", r"\1_projection.0."),
        (r"^(audio|text)_projection\.linear2\.", r"\1_projection.2."),
        (r"^(audio_branch.*)attention\.output\.dense\.", r"\1attn.proj."),
        (r"^(audio_branch.*)attention\.self\.", r"\1attn."),
        (r"^(audio_branch.*)intermediate\.dense\.", r"\1mlp.fc1."),
        (r"^(audio_branch.*)output\.dense\.", r"\1mlp.fc2."),
        (r"layernorm_before", "norm1"),
        (r"layernorm_after", "norm2"),
        (r"\.batch_norm\.", ".bn0."),
    ]
    found = {}
    for name in names:
        source = name
        for pattern, replacement in renamed:
            source = re.sub(pattern, replacement, source)
        thirds = re.fullmatch(r"(audio_branch.*attn)\.(query|key|value)\.(weight|bias)", source)
        if thirds:
            stem, part, kind = thirds.groups()
            whole = laions[f"{stem}.qkv.{kind}"]
            found[name] = whole.chunk(3)[("query", "key", "value").index(part)].clone()
        else:
            found[name] = laions[source]
    return found


@pytest.fixture(scope="session")
def clap(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("laion-clap"), "HTSAT-tiny")


@pytest.fixture(scope="session")
def in_transformers(clap, tmp_path_factory) -> str:
    """The same weights as a ClapModel of the published configuration, HTSAT-tiny at 48 kHz."""
    from transformers import ClapConfig, ClapFeatureExtractor, ClapModel

    folder = tmp_path_factory.mktemp("transformers-clap")
    size = build_tokenizer(folder)
    model = ClapModel(ClapConfig(text_config=TEXT | {"vocab_size": size}, audio_config={"enable_fusion": False}))
    names = [name for name in model.state_dict() if not name.endswith(("relative_position_index", "_ids"))]
    report = model.load_state_dict(as_transformers(laion._weights(clap), names), strict=False)
    assert all(name.endswith(("relative_position_index", "_ids")) for name in report.missing_keys)
    model.save_pretrained(folder)
    ClapFeatureExtractor(frequency_min=50, truncation="rand_trunc").save_pretrained(folder)
    return str(folder)


def load(path: Path, **values):
    return registry.load("laion-clap", str(path), values=values)


@pytest.fixture(scope="session")
def scorer(clap):
    return load(clap)


@pytest.fixture(scope="session")
def shallow(scorer):
    """Makes quick scorers: one block to a layer, a batch size of their own."""
    model = copy.deepcopy(scorer.model)
    for layer in model.audio_branch.layers:
        layer.blocks = layer.blocks[:1]

    def make(**values):
        quick = copy.copy(scorer)
        quick.model, quick.parameters = model, LaionClapParameters.model_validate(values)
        quick.batches = Batches(quick.parameters.max_batch or quick_batch(model))
        return quick

    return make


@pytest.fixture(scope="session")
def library(scorer):
    """The library's own class around the same weights; constructed normally it would fetch RoBERTa."""
    from laion_clap.hook import CLAP_Module  # only after the engine, which stands in for torchvision

    module = CLAP_Module.__new__(CLAP_Module)
    torch.nn.Module.__init__(module)
    module.model, module.tokenize, module.enable_fusion = scorer.model, scorer.tokenizer, False
    module.model_cfg = {"audio_cfg": {}}
    return module


@pytest.fixture
def folder(clap, tmp_path) -> Path:
    """A checkpoint's folder of the test's own, to be damaged: files are to be replaced, not written to."""
    return Path(shutil.copytree(clap.parent, tmp_path / "copy", copy_function=os.link))


def test_it_agrees_with_transformers_on_the_same_weights(scorer, in_transformers):
    """On one window, a filled one, and the mean over two."""
    other = registry.load("transformers-clap", in_transformers)
    sounds = [sound(1), sound(20, 3.3), sound(30, 13.0)]

    ours, theirs = scorer.embed_audio(sounds), other.embed_audio(sounds)
    our_texts, their_texts = scorer.embed_text(TEXTS), other.embed_text(TEXTS)

    assert np.abs(ours - theirs).max() < 1e-4
    assert np.abs(our_texts - their_texts).max() < 1e-4
    assert np.abs(ours @ our_texts.T - theirs @ their_texts.T).max() < 1e-4
    for rows in (ours, our_texts):
        assert rows.dtype == np.float32 and rows.shape[1] == scorer.dim == other.dim == 512
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
        assert np.abs(rows[0] - rows[1]).max() > 0.01


def test_only_rounding_to_16_bits_parts_it_from_transformers(scorer, in_transformers, monkeypatch):
    """Of a sound that was sampled at 16 kHz the upper bands are empty, and the rounding is what is heard there."""
    expected, one = registry.load("transformers-clap", in_transformers), sound(4, 2.0, 16_000)
    theirs = expected.embed_audio([one])

    assert 1e-4 < np.abs(scorer.embed_audio([one]) - theirs).max() < 1e-2
    monkeypatch.setattr(laion, "float32_to_int16", lambda wave: wave)
    monkeypatch.setattr(laion, "int16_to_float32", lambda wave: wave)
    assert np.abs(scorer.embed_audio([one]) - theirs).max() < 1e-5


def test_it_agrees_with_the_librarys_own_calls(scorer, library):
    """A full window, filled ones, one that clips, and one so quiet that 16 bits are coarse."""
    loud, quiet = sound(4, 2.0), sound(5, 4.0)
    loud = Sound(loud.samples * 4, 48_000)
    quiet = Sound(quiet.samples * 1e-4, 48_000)
    for one in (sound(1), sound(2, 3.3), loud, quiet):
        theirs = library.get_audio_embedding_from_data(one.samples[None])
        assert np.abs(scorer.embed_audio([one]) - theirs).max() < 1e-6

    assert np.abs(scorer.embed_text(TEXTS) - library.get_text_embedding(TEXTS)).max() < 1e-6


def test_the_librarys_random_crop_never_happens(shallow, library):
    scorer, long = shallow(), sound(3, 25.0)
    np.random.seed(1)
    torch.manual_seed(1)
    first, state, state_of_torch = scorer.embed_audio([long]), np.random.get_state()[1].copy(), torch.get_rng_state()
    np.random.seed(2)

    assert np.array_equal(first, scorer.embed_audio([long]))
    np.random.seed(1)
    assert np.array_equal(state, np.random.get_state()[1]) and torch.equal(state_of_torch, torch.get_rng_state())
    library.model = scorer.model
    theirs = [library.get_audio_embedding_from_data(long.samples[None]) for _ in range(2)]
    assert not np.array_equal(*theirs)  # the trap is still there


def test_a_long_clip_is_the_mean_of_fixed_windows(shallow):
    scorer, long = shallow(), sound(2, 20.0)
    halves = scorer.embed_audio([Sound(long.samples[:480_000], 48_000), Sound(long.samples[480_000:], 48_000)])

    mean = halves.mean(0)
    assert np.allclose(scorer.embed_audio([long])[0], mean / np.linalg.norm(mean), atol=1e-6)


@pytest.mark.parametrize("max_batch", [7, 32])
def test_embeddings_do_not_depend_on_the_batch(shallow, one_by_one, max_batch):
    audio, text = one_by_one
    grouped = shallow(max_batch=max_batch)

    assert np.abs(grouped.embed_audio(SOUNDS) - audio).max() < 1e-5
    assert np.abs(grouped.embed_text(TEXTS * 5) - text).max() < 1e-5


@pytest.fixture(scope="session")
def one_by_one(shallow):
    scorer = shallow(max_batch=1)
    return scorer.embed_audio(SOUNDS), scorer.embed_text(TEXTS * 5)


@pytest.mark.parametrize(("call", "method"), [("embed_audio", "_embed_windows"), ("embed_text", "_embed_tokens")])
def test_memory_that_runs_out_halves_the_batch_and_changes_nothing(shallow, call, method, monkeypatch):
    scorer, tried = shallow(max_batch=4), []
    items = {"embed_audio": SOUNDS[:4], "embed_text": ["rain", "drum", "loud", "calm"]}[call]
    expected, plain = getattr(scorer, call)(items), getattr(scorer, method)

    def narrow(batch):
        tried.append(len(batch))
        if len(batch) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return plain(batch)

    monkeypatch.setattr(scorer, method, narrow)

    assert np.allclose(getattr(scorer, call)(items), expected, atol=1e-5)
    assert tried == [4, 2, 1, 1, 1, 1]


def test_text_is_cut_at_the_context(shallow):
    scorer, long = shallow(), "gym workout " * 40

    assert np.array_equal(scorer.embed_text([long]), scorer.embed_text([long + "rain"]))
    assert len(scorer._text_tokens(long)) == 77
    assert len(shallow(text_tokens=9)._text_tokens(long)) == 9


def test_broken_sounds_and_empty_texts_are_refused(shallow):
    with pytest.raises(EngineError, match="cannot be scored"):
        shallow().embed_audio([Sound(np.array([0, np.nan], np.float32), 48_000)])
    with pytest.raises(EngineError, match="Text 2 of 2 is empty"):
        shallow().embed_text(["rain", " "])


def test_the_fingerprint_follows_weights_and_preprocessing(shallow, scorer):
    prints = [shallow(**values).fingerprint() for values in ({}, {"window_seconds": 5}, {"text_tokens": 50})]

    assert shallow(max_batch=3).fingerprint() == prints[0]  # which is no matter of what is heard
    assert len({*prints, scorer.fingerprint()}) == 4
    assert all(re.fullmatch("[0-9a-f]{64}", found) for found in prints)


def test_importing_looks_for_no_tokenizer():
    """The library makes three at its top: of what it fetches, or hollow ones, or after minutes without a network."""
    from laion_clap.training import data

    assert data.roberta_tokenizer is data.bert_tokenizer is data.bart_tokenizer is None


def test_no_compiled_code_is_read_from_where_anybody_may_write():
    program = "import os, inference.engines.laion, numba as n; print(n.config.CACHE_DIR, os.getenv('NUMBA_CACHE_DIR'))"
    own = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    root = Path(__file__).resolve().parents[3]
    said = subprocess.check_output([sys.executable, "-c", program], env=own, cwd=root, text=True)
    assert said.split() == ["None"]


def test_loading_leaves_the_global_generators_alone(clap):
    before, numpys = torch.get_rng_state(), np.random.get_state()[1].copy()

    load(clap)

    assert torch.equal(torch.get_rng_state(), before) and np.array_equal(np.random.get_state()[1], numpys)


def test_a_bare_state_dict_is_read_as_well(clap, scorer, folder):
    state = laion._weights(clap)
    (folder / "clap.pt").unlink()
    torch.save(state, folder / "clap.pt")

    assert load(folder / "clap.pt").fingerprint() == scorer.fingerprint()


def test_another_architecture_is_refused_before_anything_is_built(clap, monkeypatch):
    monkeypatch.setattr(laion, "create_model", lambda *_, **__: pytest.fail("built"))

    with pytest.raises(EngineError, match=r"clap\.pt has an HTSAT-tiny audio tower: set amodel to HTSAT-tiny"):
        load(clap, amodel="HTSAT-base")


def test_the_larger_audio_tower_is_known_by_its_width():
    """LAION's music and speech checkpoints have it."""
    model, _ = laion._built("HTSAT-base", RobertaConfig(vocab_size=50, **TEXT))
    weights = model.state_dict()

    laion._check_architecture("music.pt", weights, "HTSAT-base")
    with pytest.raises(EngineError, match=r"music\.pt has an HTSAT-base audio tower: set amodel to HTSAT-base"):
        laion._check_architecture("music.pt", weights, "HTSAT-tiny")


def test_fusion_is_refused_with_a_way_out(clap):
    with pytest.raises(EngineError, match=r"enable_fusion: .*crops long clips at random.*transformers-clap"):
        registry.validate("laion-clap", {"enable_fusion": True})
    fused = laion._weights(clap) | {"audio_branch.patch_embed.mel_conv2d.weight": torch.zeros(1)}
    with pytest.raises(EngineError, match=r"630k-fusion-best\.pt was trained with feature fusion"):
        laion._check_architecture("630k-fusion-best.pt", fused, "HTSAT-tiny")


@pytest.mark.parametrize(
    ("lost", "message"), [("audio_branch", "no HTSAT audio tower"), ("text_branch", "text tower other than RoBERTa")]
)
def test_a_checkpoint_of_something_else_is_refused(clap, lost, message):
    weights = {name: tensor for name, tensor in laion._weights(clap).items() if not name.startswith(lost)}

    with pytest.raises(EngineError, match=message):
        laion._check_architecture("other.pt", weights, "HTSAT-tiny")


def test_weights_that_do_not_fit_are_named_in_one_line(folder):
    config = json.loads((folder / "roberta-base" / "config.json").read_text())
    (folder / "roberta-base" / "config.json").unlink()
    (folder / "roberta-base" / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 2}))

    with pytest.raises(EngineError, match=r"does not fit: 16 weights .*Is roberta-base the one") as caught:
        load(folder / "clap.pt")
    assert "\n" not in str(caught.value)


def test_a_text_tower_that_is_not_at_hand_says_how_to_get_it(folder, monkeypatch, tmp_path):
    """The library would hang, or take an empty tokenizer and score noise."""
    shutil.rmtree(folder / "roberta-base")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "empty"))

    with pytest.raises(EngineError, match=r"'roberta-base'.*hf download roberta-base"):
        load(folder / "clap.pt")


def test_a_hollow_tokenizer_is_refused(folder):
    (folder / "roberta-base" / "tokenizer.json").unlink()

    with pytest.raises(EngineError, match=r"roberta-base' lacks its tokenizer's files"):
        load(folder / "clap.pt")


@pytest.mark.parametrize("checkpoint", ["", "./nowhere/clap.pt", "lukewys/laion_clap"])
def test_no_file_is_said_with_what_to_give(checkpoint):
    with pytest.raises(EngineError, match=r"is no file on this machine .*lukewys/laion_clap:music_audioset"):
        load(checkpoint)


def test_a_hub_file_is_taken_at_its_revision(clap, monkeypatch):
    asked = []

    def snapshot(name, revision, allow_patterns):
        asked.append((name, revision, allow_patterns))
        return str(clap.parent)

    monkeypatch.setattr("inference.engines.hub_files.snapshot_download", snapshot)

    assert laion.locate("lukewys/laion_clap:clap.pt", "0123abc") == clap
    assert asked == [("lukewys/laion_clap", "0123abc", ["clap.pt", "roberta-base/*"])]


def test_a_hub_file_that_is_not_at_hand_says_what_to_type(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    with pytest.raises(EngineError, match=r"`hf download lukewys/laion_clap clap\.pt --revision v1`"):
        laion.locate("lukewys/laion_clap:clap.pt", "v1")


def test_a_gated_hub_file_says_how_to_be_let_in(gated, monkeypatch):
    monkeypatch.setattr("inference.engines.hub_files.snapshot_download", gated)

    with pytest.raises(EngineError) as refused:
        laion.locate("some/model:clap.pt", "v1")

    assert "'some/model' (revision v1) is gated" in str(refused.value)
    assert "ask for access on its page, https://huggingface.co/some/model" in str(refused.value)
    assert "`hf auth login`, then `hf download some/model clap.pt --revision v1`" in str(refused.value)


class Intruder:
    def __reduce__(self):
        return (print, ("code from the file ran",))


def test_code_in_a_file_does_not_run(tmp_path, capsys):
    torch.save({"state_dict": Intruder()}, tmp_path / "clap.pt")

    with pytest.raises(EngineError, match=r"clap\.pt holds more than weights \(.*print\)"):
        load(tmp_path / "clap.pt")
    assert "ran" not in capsys.readouterr().out


def test_a_damaged_file_is_named(tmp_path, clap):
    with clap.open("rb") as whole:
        (tmp_path / "clap.pt").write_bytes(whole.read(100_000))

    with pytest.raises(EngineError, match=r"clap\.pt is damaged"):
        load(tmp_path / "clap.pt")
