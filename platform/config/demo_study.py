"""What the demo does once Django is up: an account, prompts, a study, its progress, its results."""

from __future__ import annotations

import argparse
import hashlib
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from django.utils.text import slugify
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from accounts.models import Membership, Team, User
from config.demo import password_of, write_json
from config.demo_prompts import prompt_set_of
from config.processes import Processes, StartError
from listening.models import ListeningTest
from listening.simulation import simulate
from prompts.models import PromptSet
from results.summary import results_of, rounded
from results.table import render_table
from studies import actions, recipes, workers
from studies.errors import StudyError
from studies.models import Study
from studies.progress import effort, progress, time_left
from studies.validation import warnings

WORKER_PATIENCE = 60  # seconds for a worker to come up on a busy machine


@dataclass
class Site:
    """Where the pages of this run are."""

    address: str
    data: Path
    study: Study | None = None

    def addresses(self) -> Panel:
        lines = [f"Admin          {self.address}/admin/"]
        if self.study:
            lines += [
                f"Results        {self.address}/studies/{self.study.slug}/",
                f"Rater link     {self.address}/listen/{self.study.slug}/",
            ]
        lines += [f"Account        demo  ·  password {password_of(self.data)}"]
        return Panel("\n".join(lines), title="Audionese", expand=False)


def conduct(options: argparse.Namespace, site: Site, children: Processes, console: Console) -> int:
    """Runs, continues or reports the study; the exit code."""
    try:
        study = site.study = prepared(options, site.data, console)
        if study.status == Study.Status.DRAFT:
            wait_for_worker(children)
            study = actions.launch(study=study, by=study.created_by)
    except StudyError as error:
        raise StartError(
            "\n".join(f"{field}: {text}" for field, ts in error.messages.items() for text in ts)
        ) from error
    for field, texts in warnings(study).items():
        console.print(f"[yellow]{field}: {' '.join(texts)}")
    console.print(site.addresses())
    study = watch(study, children, console)
    if study.status != Study.Status.COMPLETE:
        console.print(f"[yellow]The study is {study.status}. {study.status_reason}\nGo on from {site.address}/admin/")
        return 1
    if options.raters:
        simulate(study=study, raters=options.raters, seed=study.seed)
    report(study, options, console)
    return 0


def wait_for_worker(children: Processes) -> None:
    """So that a study's time is its own; where none comes, the study's page says so."""
    deadline = time.monotonic() + WORKER_PATIENCE
    while not workers.alive() and time.monotonic() < deadline:
        children.check()
        time.sleep(0.1)


def prepared(options: argparse.Namespace, data: Path, console: Console) -> Study:
    """The study of these options: the one that exists, or a new draft."""
    by, team = account(data)
    prompt_set = prompt_set_of(
        Path(options.prompts) if options.prompts else None,
        keep_good=options.keep_good,
        team=team,
        by=by,
        console=console,
    )
    recipe = recipes.load(options.study)
    if options.seed is not None:
        recipe = recipe.model_copy(update={"seed": options.seed})
    return study_of(recipe, options.study, prompt_set=prompt_set, team=team, by=by, console=console)


def study_of(
    recipe: recipes.Recipe, asked_for: str, *, prompt_set: PromptSet, team: Team, by: User, console: Console
) -> Study:
    """The study of that recipe and these prompts: the one that exists, or a new draft. asked_for: the recipe's name."""
    name = slugify(Path(asked_for).stem.replace("@", "-"))
    # What the study was asked to be is in its address: other options are another study, the same ones the same.
    asked = recipe.model_dump_json() + prompt_set.slug
    slug = f"{name[:60]}-{hashlib.sha256(asked.encode()).hexdigest()[:6]}"
    found = Study.objects.filter(slug=slug).first()
    if found:
        console.print(f"Going on with {found.name} ({found.status}).", style="dim")
        return found
    # Of a file of one's own the name alone: where it lay is nobody's business, and longer than there is room for.
    made_from = Path(asked_for).name[: Study._meta.get_field("recipe").max_length]
    study = actions.create_study(
        recipe=recipe, slug=slug, team=team, prompt_set=prompt_set, by=by, recipe_name=made_from
    )
    # Whoever tries the rater link on a laptop should meet the trials, with or without headphones.
    ListeningTest.objects.filter(study=study).update(headphones=ListeningTest.Headphones.NONE, practice_trials=0)
    return study


def account(data: Path) -> tuple[User, Team]:
    user = User.objects.filter(username="demo").first()
    if user is None:
        user = User.objects.create_superuser("demo", password=password_of(data))
    team, _ = Team.objects.get_or_create(slug="demo", defaults={"name": "Demo"})
    Membership.objects.get_or_create(team=team, user=user, defaults={"role": Membership.Role.OWNER})
    return user, team


# Progress


def watch(study: Study, children: Processes, console: Console) -> Study:
    """Shows a bar for each step until the study rests: complete, paused or cancelled."""
    if study.status == Study.Status.COMPLETE:
        return study
    with Live(console=console, refresh_per_second=4) as live:
        while True:
            study.refresh_from_db()
            live.update(picture(study))
            if study.status != Study.Status.RUNNING:
                return study
            children.check()
            time.sleep(0.5)


def picture(study: Study) -> Group:
    bars = Progress(
        TextColumn("{task.description:<20}"), BarColumn(40), MofNCompleteColumn(), TextColumn("{task.fields[note]}")
    )
    steps = progress(study)
    for step in steps:
        note = f"[red]{step.failed} failed" if step.failed else ("working" if step.running else "")
        bars.add_task(step.name, total=step.total, completed=step.settled, note=note)
    left = time_left(study, steps)
    minutes, seconds = divmod(int(left.total_seconds()), 60) if left else (0, 0)
    line = f"about {minutes}:{seconds:02} left" if left and study.status == Study.Status.RUNNING else ""
    return Group(bars, line, *(f"[yellow]{sentence}" for sentence in workers.missing(study)))


def report(study: Study, options: argparse.Namespace, console: Console) -> None:
    results = results_of(study)
    console.print(render_table(results))
    if spent := effort(study):
        results["work"] = rounded(asdict(spent))
        console.print(
            f"{spent.processes} worker processes spent {spent.share:.0%} of their time inside engine calls.",
            style="dim",
        )
    if options.json:
        write_json(options.json, results)
        console.print(f"Results written to {options.json}", style="dim")
