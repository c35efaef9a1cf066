"""`build_sandbox` trains, measures, describes and lists; here with models of a few steps."""

import dataclasses
import json

import pytest
from django.core.management import CommandError, call_command

from inference.sandbox import build, clap, clap_model, clap_quality


def tiny(name: str) -> clap_model.Recipe:
    return dataclasses.replace(clap_model.RECIPES[name], clips=20, steps=2, batch=8)


def model(name: str) -> build.Model:
    return build.Model(
        lambda folder, seed, progress: clap.train(name, folder, seed, tiny(name), progress),
        clap_quality.clap_quality,
        clap_quality.BARS,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """What the command leaves behind, and what it said."""
    out = tmp_path_factory.mktemp("checkpoints")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "MODELS", {name: model(name) for name in ("clap-teacher", "clap-judge")})
        for module, name, few in (
            (clap_quality, "CLIPS", 16), (clap_quality, "TAKES", 1), (clap_quality, "RETAKES", 2),
            (clap, "TOKENIZER_TEXTS", 400),
        ):  # fmt: skip
            patch.setattr(module, name, few)
        with pytest.raises(CommandError) as refusal:
            call_command("build_sandbox", only=["clap-teacher", "clap-judge"], out=out)
        clap.train("clap-judge", out / "again", build.SEED, tiny("clap-judge"))
    return out, str(refusal.value)


def test_says_which_bars_were_missed_and_what_to_do(built):
    assert "clap-teacher: recall_at_1" in built[1]
    assert "--seed" in built[1]


def test_lists_every_file_with_its_checksum(built):
    out, _ = built
    manifest = json.loads((out / "manifest.json").read_text())
    name = "clap-judge/model.safetensors"
    assert manifest["files"][name] == build.entry(out / name)
    assert {"clap-judge/README.md", "clap-judge/tokenizer.json", "clap-judge/config.json"} <= manifest["files"].keys()
    assert manifest["models"]["clap-judge"]["seed"] == build.SEED
    assert "torch" in manifest["libraries"]


def test_reports_every_figure_and_bar(built):
    out, _ = built
    report = json.loads((out / "report.json").read_text())
    assert set(report["models"]["clap-teacher"]["bars"]) == set(clap_quality.BARS)
    assert -1 <= report["agreement"] <= 1
    assert "FAIL: recall_at_1" in (out / "report.md").read_text()


def test_the_same_seed_gives_the_same_weights(built):
    out, _ = built
    assert build.entry(out / "again/model.safetensors") == build.entry(out / "clap-judge/model.safetensors")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="Name another folder with --out"):
        call_command("build_sandbox", only=["clap-judge"], out=tmp_path / "file" / "below")


def test_checking_again_trains_nothing_and_keeps_the_training_facts(built, monkeypatch):
    out, _ = built
    weights = build.entry(out / "clap-judge/model.safetensors")
    before = build.read(out / "report.json")["models"]["clap-judge"]
    monkeypatch.setattr(
        build,
        "MODELS",
        {"clap-judge": dataclasses.replace(model("clap-judge"), measure=lambda folder: before["figures"])},
    )
    monkeypatch.setattr(clap_quality, "agreement", lambda one, other: 0.5)
    with pytest.raises(CommandError, match="clap-judge"):
        call_command("build_sandbox", only=["clap-judge"], out=out, check=True)
    after = build.read(out / "report.json")["models"]["clap-judge"]
    assert after["training"] == before["training"]
    assert build.entry(out / "clap-judge/model.safetensors") == weights
