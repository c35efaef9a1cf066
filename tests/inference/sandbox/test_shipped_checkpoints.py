"""The committed checkpoints are those that the manifest lists, described, small, and as good as the bars ask."""

import json

import numpy as np
import pytest
import torch
from transformers import ClapFeatureExtractor, ClapModel, ClapProcessor

from inference.engines.mel import LogMel, MelSettings
from inference.sandbox import build, clap_quality
from inference.sandbox.synthesiser import render
from inference.sandbox.vocabulary import ATTRIBUTES

CLAPS = ("clap-teacher", "clap-judge")
CLIPS = 400  # a quick examination: a bar's figure moves by about .02 between two such


@pytest.fixture(scope="module")
def manifest():
    return build.read(build.CHECKPOINTS / "manifest.json")


@pytest.fixture(scope="module", params=CLAPS)
def figures(request):
    return clap_quality.clap_quality(build.CHECKPOINTS / request.param, CLIPS)


def shipped():
    files = (path for path in build.CHECKPOINTS.rglob("*") if path.is_file())
    return {p.relative_to(build.CHECKPOINTS).as_posix(): p for p in files if p.name not in build.GENERATED}


def test_every_file_is_the_one_that_was_built(manifest):
    assert {name: build.entry(path) for name, path in shipped().items()} == manifest["files"]


def test_all_checkpoints_together_stay_small():
    assert sum(path.stat().st_size for path in shipped().values()) < build.LIMIT


@pytest.mark.parametrize("name", CLAPS)
def test_a_model_card_says_what_it_is_and_is_not_for(name):
    card = (build.CHECKPOINTS / name / "README.md").read_text("utf-8")
    for part in ("license: apache-2.0", "## Not for", "parameters", "recall_at_1", "seconds", "steps"):
        assert part in card


def test_the_report_says_that_every_bar_is_met():
    report = build.read(build.CHECKPOINTS / "report.json")
    missed = [(name, bar) for name, m in report["models"].items() for bar, met in m["bars"].items() if not met]
    assert missed == []


def test_the_two_claps_are_different_models():
    digests = {build.entry(build.CHECKPOINTS / name / "model.safetensors")["sha256"] for name in CLAPS}
    assert len(digests) == 2


def test_meets_every_bar_on_held_out_clips_and_scenes(figures):
    assert [name for name, bar in clap_quality.BARS.items() if not bar(figures)] == []


def test_hears_every_attribute(figures):
    assert {a: round(figures[f"two_way_{a}"], 3) for a in ATTRIBUTES if figures[f"two_way_{a}"] < 0.75} == {}


def test_agrees_with_the_oracle(figures):
    assert figures["oracle_correlation"] > 0.5


def test_an_untrained_clap_fails_the_bars(tmp_path):
    model = ClapModel(ClapModel.from_pretrained(build.CHECKPOINTS / "clap-judge").config)
    model.save_pretrained(tmp_path)
    ClapProcessor.from_pretrained(build.CHECKPOINTS / "clap-judge").save_pretrained(tmp_path)
    chance = clap_quality.clap_quality(tmp_path, CLIPS)
    assert {name for name, bar in clap_quality.BARS.items() if not bar(chance)} == set(clap_quality.BARS)


def test_the_mel_front_end_is_the_extractors_own():
    extractor = ClapFeatureExtractor.from_pretrained(build.CHECKPOINTS / "clap-teacher")
    mel = LogMel(MelSettings.of(extractor))
    for seed in range(3):
        samples, _ = render({}, seed, 3.0)
        theirs = extractor(samples, sampling_rate=16_000, return_tensors="np")["input_features"][0, 0]
        ours = mel(torch.from_numpy(samples)[None])[0, 0].numpy()
        assert theirs.shape == (256, 64)
        assert np.abs(ours - theirs)[theirs > -90].max() < 0.05


def test_a_text_full_of_unknown_words_and_signs_is_read(tmp_path):
    listener = clap_quality.Listener(build.CHECKPOINTS / "clap-teacher")
    rows = listener.read(["Zürich déjà-vu 東京 🎹 qwxz", "sad church music", "sad church music qwxz"])
    assert np.isfinite(rows).all()
    assert rows[1] @ rows[2] > rows[1] @ rows[0]
    assert json.loads((build.CHECKPOINTS / "clap-teacher/tokenizer.json").read_text("utf-8"))["truncation"] is None
