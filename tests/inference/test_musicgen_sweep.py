"""The sweep over batch sizes runs every way of decoding; here on a small model."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from inference import musicgen_sweep
from inference.sandbox import small_hub

WAYS = ("transformers", "static", "compiled")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("musicgen")
    small_hub.small_musicgen(made)
    return made


def test_every_way_is_measured_at_every_batch_size(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(
        musicgen_sweep.torch, "compile", lambda forward, mode: forward
    )  # a compiler is no test's matter
    out = StringIO()
    options = {"checkpoint": folder, "batches": [2, 1], "seconds": 0.2, "turns": 1}

    call_command("bench_musicgen", **options, json=tmp_path / "sweep.json", stdout=out)

    rows = json.loads((tmp_path / "sweep.json").read_text())
    assert [(row["batch"], row["way"]) for row in rows] == [
        (b, way) for b in (1, 2) for way in ("transformers", "static", "compiled")
    ]
    for row in rows:
        assert row["floor_share"] == pytest.approx(row["step_floor_ms"] / row["step_ms"])
        assert row["clips_per_s"] > 0 and row["script_ratio"] > 0
    assert "memory alone" in out.getvalue()


def test_a_batch_of_none_is_refused():
    with pytest.raises(CommandError, match="at least 1"):
        call_command("bench_musicgen", batches=[0], stdout=StringIO())
