"""Runs recipes to their end: real studies, worked on in this process, heard by simulated raters if votes are asked."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.live import Live

from config.demo_prompts import prompt_set_of
from config.demo_study import account, picture, study_of
from config.experiments.experiment import Experiment, Run
from config.processes import StartError
from inference import tasks
from listening.models import Question
from listening.simulation import simulate
from results.opened import Opened
from studies import actions, recipes
from studies.actions import catch_up
from studies.models import Study
from studies.progress import progress

SHOWN, TOLD = 1, 30  # seconds between two pictures of a terminal, and two lines of a log, where nothing moves


def run(
    experiment: Experiment, seeds: Sequence[int], *, models: str | None, prompts: Path | None, data: Path, out: Console
) -> list[Run]:
    """Every recipe with every seed; what was run before is read again. Raises StartError where a study stops."""
    by, team = account(data)
    chosen = prompt_set_of(prompts, keep_good=False, team=team, by=by, console=out)
    runs = []
    for seed in seeds:
        for name in experiment.recipes:
            recipe = recipes.load(name, models).model_copy(update={"seed": seed})
            study = study_of(recipe, name, prompt_set=chosen, team=team, by=by, console=out)
            runs.append(Run(seed, name, Opened(conducted(study, experiment, out))))
    return runs


def conducted(study: Study, experiment: Experiment, out: Console) -> Study:
    """The study, complete and heard."""
    if study.status == Study.Status.DRAFT:
        ask(study, experiment.questions)
        study = actions.launch(study=study, by=study.created_by)
    if study.status == Study.Status.RUNNING:
        study = worked(study, out)
    if study.status != Study.Status.COMPLETE:
        raise StartError(f"{study.name}, seed {study.seed}, is {study.status}. {study.status_reason}")
    if experiment.raters and study.listening_pairs:
        simulate(study=study, raters=experiment.raters, seed=study.seed)
    return study


def ask(study: Study, kinds: Sequence[str]) -> None:
    """These questions instead of those that a new study asks."""
    Question.objects.filter(study=study).delete()
    Question.objects.bulk_create(Question(study=study, position=at, kind=kind) for at, kind in enumerate(kinds))


def worked(study: Study, out: Console) -> Study:
    """Serves whatever waits, until the study rests: complete, paused or cancelled."""
    with Live(console=out, refresh_per_second=4, transient=True) as live:
        for _ in paced(study, SHOWN if out.is_terminal else TOLD):
            if out.is_terminal:
                live.update(picture(study))
            else:
                out.print(line(study))
    return study


def paced(study: Study, seconds: float) -> Iterator[None]:
    """Works, and comes back whenever so many seconds have passed."""
    told = time.monotonic()
    while study.status == Study.Status.RUNNING:
        if tasks.one_batch() is None:
            catch_up(study=study)
            time.sleep(0.2)  # another process holds what is left
        study.refresh_from_db()
        if time.monotonic() - told > seconds:
            told = time.monotonic()
            yield


def line(study: Study) -> str:
    steps = "; ".join(f"{step.name.lower()} {step.settled} of {step.total}" for step in progress(study) if step.total)
    return f"{study.name}, seed {study.seed}: {steps}"
