"""The main recipe with published models, of short clips, against a local hub cache of small ones under their names."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command

from inference.sandbox.vocabulary import shipped_prompts
from tests.servers import free

PATIENCE = 900  # seconds
TEST_PROMPTS = 4
SECONDS = 2.0  # of a clip


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    cache = tmp_path_factory.mktemp("hub")
    call_command("fill_small_hub", cache)
    return cache


def few_prompts(path):
    """The shipped prompts that train, validate and serve as exemplars, and a few to judge."""
    rows = [row for row in shipped_prompts() if row["split"] != "test"]
    rows += [row for row in shipped_prompts() if (row["kind"], row["split"]) == ("open", "test")][:TEST_PROMPTS]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["text", "kind", "split", "scene"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def short(path):
    """The main recipe with published models as it is, but for the length of its clips."""
    recipe = yaml.safe_load((Path(settings.RECIPES) / "main.yaml").read_text("utf-8"))
    path.write_text(yaml.safe_dump(recipe | {"models": "published", "seconds": SECONDS}), "utf-8")
    return path


def test_one_command_runs_the_whole_loop_from_a_filled_cache(hub, tmp_path):
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    environment |= {"AUDIONESE_DATA": str(tmp_path / "data"), "HF_HUB_CACHE": str(hub), "HF_HUB_OFFLINE": "1"}
    recipe, prompts = short(tmp_path / "short.yaml"), few_prompts(tmp_path / "few.csv")
    options = ["--study", str(recipe), "--prompts", str(prompts), "--raters", "0"]
    options += ["--no-serve", "--port", str(free()), "--json", str(tmp_path / "results.json")]
    done = subprocess.run(
        [sys.executable, "-m", "config.demo", *options],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["status"] == "complete"
    assert [arm["clips"] for arm in results["arms"]] == [2 * TEST_PROMPTS] * 5
    assert results["scorers"] == {"feedback": "LAION CLAP htsat-unfused", "evaluation": "LAION CLAP larger general"}


def test_the_small_hub_never_overwrites_real_models(tmp_path):
    real = tmp_path / "models--google--flan-t5-base" / "snapshots" / "abc"
    real.mkdir(parents=True)
    (real / "README.md").write_text("the published weights")

    with pytest.raises(CommandError, match="name another folder"):
        call_command("fill_small_hub", tmp_path)
    assert (real / "README.md").read_text() == "the published weights"
