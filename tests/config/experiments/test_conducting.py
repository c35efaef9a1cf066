"""An experiment run for real, small: its recipe's study is worked on to the end, heard, judged and written down."""

import csv
import re
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from config.experiments import conducting, main_method, writing
from config.experiments.experiment import Experiment
from inference.sandbox.vocabulary import shipped_prompts
from inference.serving import shelf
from studies import recipes
from studies.models import Study

RECIPE = """
name: Small
models: sandbox
reading: Read it with care.
seconds: 0.5
evaluation_takes: 1
feedback_takes: 1
arms:
  - {key: original, method: original}
  - {key: instruct, method: instruct, rewriter: rewriter}
  - {key: instruct_icl, method: instruct_icl, rewriter: rewriter, parameters: {exemplars: 1}}
  - key: instruct_feedback
    method: instruct_feedback
    rewriter: rewriter
    parameters: {training_prompts: 2, candidates: 3, training: {epochs: 1}}
  - {key: best_of_n, method: best_of_n, rewriter: rewriter, parameters: {n: 2}}
listening: {pairs: [[instruct, original]], prompts: 3, votes_per_trial: 1, trials_per_session: 3}
"""
FEW = {("open", "test"): 3, ("open", "train"): 4, ("expert", "train"): 2}
SEEDS = (1, 2)


def few_prompts(path: Path) -> Path:
    taken = dict.fromkeys(FEW, 0)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "kind", "split"))
        for row in shipped_prompts():
            place = row["kind"], row["split"]
            if taken.get(place, 0) < FEW.get(place, 0):
                taken[place] += 1
                writer.writerow((row["text"], *place))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """With the recipe and a few of the shipped prompts."""
    made = tmp_path_factory.mktemp("experiment")
    (made / "small.yaml").write_text(RECIPE)
    few_prompts(made / "few.csv")
    return made


@pytest.fixture
def experiment(folder):
    yield Experiment("small", "A small one", "Is it so?", (str(folder / "small.yaml"),), main_method.find, raters=1)
    shelf().clear()


def conduct(experiment, folder):
    quiet = Console(quiet=True)
    return conducting.run(experiment, SEEDS, models=None, prompts=folder / "few.csv", data=folder, out=quiet)


@pytest.mark.django_db
def test_a_recipe_becomes_a_study_a_seed_and_a_page_that_says_what_held(experiment, folder):
    runs = conduct(experiment, folder)
    path = writing.Written(experiment, runs, docs=folder / "docs").write()

    assert [(run.seed, run.page.study.status, run.page.study.seed) for run in runs] == [
        (seed, "complete", seed) for seed in SEEDS
    ]
    assert all(run.page.results["votes_simulated"] == 3 for run in runs)
    page = path.read_text()
    front = yaml.safe_load(page.split("---")[1])
    recipe = recipes.load(experiment.recipes[0])
    assert front["recipes"] == {experiment.recipes[0]: writing.fingerprint(recipe)}
    assert front["seeds"] == list(SEEDS)
    assert len(re.findall(r"^- \*\*(?:Held|Did not hold|Not told from chance)\.\*\*", page, re.M)) == 9
    assert "| Instruct feedback |" in page and "Read it with care." in page
    (picture,) = re.findall(r"!\[.*\]\((.*\.svg)\)", page)
    assert (path.parent / picture).read_text().startswith("<svg")

    assert [run.page.study for run in conduct(experiment, folder)] == list(Study.objects.order_by("pk"))


def test_what_changes_no_number_leaves_the_fingerprint_alone():
    recipe = recipes.load("main")
    told = recipe.model_copy(update={"reading": "Otherwise.", "answers": "Something else?"})
    assert writing.fingerprint(told) == writing.fingerprint(recipe)
    assert writing.fingerprint(recipe.model_copy(update={"seconds": 4.0})) != writing.fingerprint(recipe)
    assert writing.fingerprint(recipes.load("main", "published")) != writing.fingerprint(recipe)
