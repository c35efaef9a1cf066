"""Train the sandbox's small models again from nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

LINES = 20  # of a training in a log


class Command(BaseCommand):
    help = "Train the sandbox's models from nothing, measure them, and write their manifest and report."

    def add_arguments(self, parser: CommandParser) -> None:
        from inference.sandbox.build import CHECKPOINTS, MODELS, SEED

        parser.add_argument("--only", nargs="+", choices=list(MODELS), default=list(MODELS), help="these alone")
        parser.add_argument("--out", type=Path, default=CHECKPOINTS, help="the folder of the checkpoints")
        parser.add_argument("--check", action="store_true", help="train nothing: measure and list what is there")
        parser.add_argument("--seed", type=int, default=SEED, help="of all that is random")

    def handle(self, *, only: list[str], out: Path, seed: int, check: bool, **options: object) -> None:
        from inference.sandbox import build

        try:
            with bars() as shown:
                told = partial(follow, shown)
                report = build.check(only, out) if check else build.build(only, out, seed, told)
        except OSError as error:
            raise CommandError(f"{out}: {error.strerror or error}. Name another folder with --out.") from error
        failed = [f"{name}: {bar}" for name in only for bar, met in report["models"][name]["bars"].items() if not met]
        self.stdout.write(f"Report: {out / 'report.md'}")
        if failed:
            raise CommandError(f"Below their bars: {'; '.join(failed)}. Train longer, or with another --seed.")


def bars() -> Progress:
    """A line for each model: step, loss, time spent and left."""
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("loss {task.fields[loss]:.3f}"))
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    return Progress(TextColumn("{task.description}"), *columns, *times, console=Console(stderr=True))


def follow(shown: Progress, name: str) -> Callable[[int, int, float], None]:
    """What a training calls with step, steps and loss. A log, where bars do not move, gets a line now and then."""
    task = shown.add_task(name, total=None, loss=0.0)

    def step_done(step: int, steps: int, loss: float) -> None:
        shown.update(task, completed=step, total=steps, loss=loss)
        if not shown.console.is_terminal and step % max(1, steps // LINES) == 0:
            shown.console.print(f"{name}: step {step:,} of {steps:,}, loss {loss:.3f}")

    return step_done
