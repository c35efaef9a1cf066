"""Checkpoints: whole or refused, with a message that says which file, where, and what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import safetensors.torch
import torch

from inference.engines import registry
from inference.engines.protocols import EngineError, RewriteRequest

FAMILIES = {"transformers-seq2seq": "seq2seq_checkpoint", "transformers-causal": "causal_checkpoint"}
REQUESTS = [RewriteRequest("sad church music", seed=4), RewriteRequest("rain")]


@pytest.fixture(params=FAMILIES)
def family(request) -> tuple[str, str]:
    return request.param, request.getfixturevalue(FAMILIES[request.param])


@pytest.fixture
def damaged(seq2seq_checkpoint, tmp_path) -> Path:
    return Path(shutil.copytree(seq2seq_checkpoint, tmp_path / "copy"))


def refusal(checkpoint: str | Path, engine: str = "transformers-seq2seq", revision: str = "") -> str:
    with pytest.raises(EngineError) as raised:
        registry.load(engine, str(checkpoint), revision)
    return str(raised.value)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_come_back_as_they_went(family, dtype):
    engine, checkpoint = family
    tuned, fresh = (registry.load(engine, checkpoint, values={"dtype": dtype, "max_new_tokens": 8}) for _ in range(2))
    before = fresh.rewrite(REQUESTS)
    with torch.no_grad():
        for parameter in tuned.model.parameters():
            parameter.add_(torch.full_like(parameter, 0.125))

    fresh.load_weights(tuned.weights())

    assert fresh.weights() == tuned.weights()
    assert fresh.rewrite(REQUESTS) == tuned.rewrite(REQUESTS) != before


def test_tied_weights_are_stored_once_and_stay_tied(causal_checkpoint):
    rewriter = registry.load("transformers-causal", causal_checkpoint)

    stored = safetensors.torch.load(rewriter.weights())
    rewriter.load_weights(rewriter.weights())

    assert "transformer.wte.weight" in stored
    assert "lm_head.weight" not in stored
    assert rewriter.model.lm_head.weight is rewriter.model.transformer.wte.weight


def test_weights_are_float32_even_of_a_float64_engine(seq2seq_checkpoint):
    rewriter = registry.load("transformers-seq2seq", seq2seq_checkpoint, values={"dtype": "float64"})

    assert {tensor.dtype for tensor in safetensors.torch.load(rewriter.weights()).values()} == {torch.float32}


@pytest.mark.parametrize("bad", [b"", b"not safetensors at all", b"\x80\x04K\x01."])
def test_bytes_that_are_no_safetensors_change_nothing(family, bad):
    rewriter = registry.load(*family)
    before = rewriter.weights()

    with pytest.raises(EngineError, match="not readable safetensors"):
        rewriter.load_weights(bad)
    with pytest.raises(EngineError, match="not readable safetensors"):
        rewriter.load_weights(before[: len(before) // 2])

    assert rewriter.weights() == before


def test_weights_of_another_model_change_nothing(seq2seq_checkpoint, causal_checkpoint):
    rewriter = registry.load("transformers-seq2seq", seq2seq_checkpoint)
    before = rewriter.weights()

    with pytest.raises(EngineError, match="belong to another model"):
        rewriter.load_weights(registry.load("transformers-causal", causal_checkpoint).weights())

    assert rewriter.weights() == before


def test_a_missing_folder_says_where_it_looked(tmp_path):
    assert refusal(tmp_path / "nowhere").endswith(
        f"no config.json in {tmp_path}/nowhere; copy the checkpoint's folder there."
    )


def test_a_missing_shipped_checkpoint_says_how_to_make_it():
    message = refusal("sandbox:no-such")

    assert "inference/sandbox/checkpoints/no-such" in message
    assert "build_sandbox" in message


def test_no_checkpoint_at_all_says_what_is_needed():
    assert "needs a checkpoint" in refusal("")


def test_a_hub_name_without_a_network_says_where_it_looked_and_how_to_get_it():
    message = refusal("google/flan-t5-small", revision="abc123")

    assert "'google/flan-t5-small' (revision abc123)" in message
    assert "hub" in message
    assert "`hf download google/flan-t5-small --revision abc123`" in message


@pytest.mark.parametrize("engine", [*FAMILIES, "transformers-musicgen", "transformers-clap"])
def test_a_gated_hub_name_says_how_to_be_let_in(engine, gated, monkeypatch):
    monkeypatch.setattr("transformers.utils.hub.hf_hub_download", gated)
    monkeypatch.setattr("transformers.utils.hub.snapshot_download", gated)

    message = refusal("some/model", engine, revision="v1")

    assert "'some/model' (revision v1) is gated" in message
    assert "ask for access on its page, https://huggingface.co/some/model" in message
    assert "`hf auth login`, then `hf download some/model --revision v1`" in message


def test_a_damaged_weights_file_is_named(damaged):
    weights = damaged / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])

    assert f"in {damaged} cannot be read: model.safetensors is damaged" in refusal(damaged)


def test_a_missing_weights_file_is_named(damaged):
    (damaged / "model.safetensors").unlink()

    assert "model.safetensors is missing" in refusal(damaged)


def test_a_damaged_configuration_is_named(damaged):
    (damaged / "config.json").write_text("{")

    assert "config.json is not valid JSON" in refusal(damaged)


def test_a_missing_tokenizer_is_an_engine_error(damaged):
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (damaged / name).unlink()

    assert str(damaged) in refusal(damaged)


def test_weights_that_transformers_would_make_up_are_refused(damaged):
    weights = safetensors.torch.load_file(damaged / "model.safetensors")
    del weights["decoder.block.1.layer.2.DenseReluDense.wo.weight"]
    safetensors.torch.save_file(weights, damaged / "model.safetensors", {"format": "pt"})

    assert "1 weights are missing" in refusal(damaged)


def test_the_wrong_family_is_an_engine_error(seq2seq_checkpoint):
    assert seq2seq_checkpoint in refusal(seq2seq_checkpoint, "transformers-causal")
