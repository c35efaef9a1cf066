"""A checkpoint that would run code when it is unpickled: refused, and the code has not run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import torch

from inference.engines import hub_files, registry
from inference.engines.protocols import EngineError

FILES = ("model.bin", "model.pt", "model.ckpt", "model.pth")


class Hostile:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("name", FILES)
def test_a_torch_file_is_read_by_its_weights_alone(tmp_path, name, zipped):
    trace = tmp_path / "it-ran"
    torch.save({"weight": Hostile(trace)}, tmp_path / name, _use_new_zipfile_serialization=zipped)

    with pytest.raises(EngineError, match=name):
        hub_files.read(tmp_path / name)
    assert not trace.exists()


@pytest.mark.parametrize("engine", ["transformers-seq2seq", "transformers-causal"])
def test_so_is_a_checkpoint_that_has_no_safetensors(request, tmp_path, engine):
    fixture = {"transformers-seq2seq": "seq2seq_checkpoint", "transformers-causal": "causal_checkpoint"}[engine]
    folder = Path(shutil.copytree(request.getfixturevalue(fixture), tmp_path / "copy"))
    (folder / "model.safetensors").unlink()
    trace = tmp_path / "it-ran"
    torch.save({"shared.weight": Hostile(trace)}, folder / "pytorch_model.bin")

    with pytest.raises(EngineError, match="cannot be read"):
        registry.load(engine, str(folder))
    assert not trace.exists()


def test_a_pickle_by_the_name_of_safetensors_is_none(tmp_path, request):
    folder = Path(shutil.copytree(request.getfixturevalue("seq2seq_checkpoint"), tmp_path / "copy"))
    trace = tmp_path / "it-ran"
    torch.save(Hostile(trace), folder / "model.safetensors")

    with pytest.raises(EngineError):
        registry.load("transformers-seq2seq", str(folder))
    assert not trace.exists()
