"""The benchmark measures what it says: the same work three ways, in turns; here on small models and few items."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from inference import bench
from inference.sandbox import published_sizes, small_hub
from inference.sandbox.build import CHECKPOINTS

SIZES = {
    "clap-htsat-unfused": {"clips": 4, "takes": 2, "scripted": 1},
    "flan-t5-base": {"prompts": 4, "tokens": 4, "scripted": 1},
    "musicgen-small": {"clips": 2, "seconds": 0.5, "scripted": 1},
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    musicgen = tmp_path_factory.mktemp("musicgen")
    small_hub.small_musicgen(musicgen)
    return {
        "clap-htsat-unfused": CHECKPOINTS / "clap-teacher",
        "flan-t5-base": CHECKPOINTS / "rewriter-t5",
        "musicgen-small": musicgen,
    }


def test_every_contest_is_measured_three_ways(folders):
    speeds = list(bench.bench(folders, turns=1, **SIZES))

    assert [speed.name.split(":")[0] for speed in speeds] == ["scoring", "rewriting", "generation"]
    for speed in speeds:
        assert min(speed.ours_per_s, speed.script_per_s, speed.floor_per_s) > 0
        assert speed.ratio == pytest.approx(speed.ours_per_s / speed.script_per_s)
        assert speed.floor_share == pytest.approx(speed.ours_per_s / speed.floor_per_s)


def test_turns_are_taken_and_the_best_floor_counts(monkeypatch):
    clock, calls = iter(range(1000)), []
    monkeypatch.setattr(bench.time, "perf_counter", lambda: next(clock))

    def run(name, items):
        return lambda: calls.append(name) or items

    contest = bench.Contest("work", run("ours", 6), run("script", 2), [run("slow", 5), run("quick", 8)])
    speed = bench.measure(contest, turns=2)

    assert calls == ["ours", "script", "slow", "quick", *2 * ["ours", "script", "quick"]]
    assert (speed.ratio, speed.floor_share) == (3, 0.75)


def test_the_command_prints_the_machine_and_writes_the_figures(folders, tmp_path, monkeypatch):
    monkeypatch.setitem(published_sizes.MAKERS, "flan-t5-base", small_hub.MODELS["google/flan-t5-base"])
    monkeypatch.setitem(bench.CONTESTS, "flan-t5-base", lambda folder: bench.rewriting(folder, **SIZES["flan-t5-base"]))
    output = StringIO()
    call_command("bench", only=["flan-t5-base"], turns=1, json=tmp_path / "speeds.json", stdout=output)

    (speed,) = json.loads((tmp_path / "speeds.json").read_text())
    assert set(speed) == {"name", "ours_per_s", "script_per_s", "ratio", "floor_per_s", "floor_share"}
    assert "CPU cores" in output.getvalue() and "rewriting: texts" in output.getvalue()


def test_an_unknown_model_is_refused_with_those_there_are():
    with pytest.raises(CommandError, match="Known: clap-htsat-unfused"):
        call_command("bench", only=["gpt-9"])
