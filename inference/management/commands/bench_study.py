"""Whether the cost of a study grows in proportion to its prompts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from inference.management.commands.bench import machine, write


class Command(BaseCommand):
    help = (
        "Measure time, engine share and memory of sandbox studies by their number of prompts. Writes to its database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--prompts", type=int, nargs="+", default=[20, 200], metavar="N", help="sizes, in turns")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")

    def handle(self, *, prompts: list[int], json: Path | None, **_: Any) -> None:
        from inference.growth import grow

        if min(prompts) < 1:
            raise CommandError("A study has at least one prompt: --prompts 20 200.")
        console = Console(file=cast(IO[str], self.stdout), width=None if self.stdout.isatty() else 120)
        console.print(machine())
        costs = []
        try:
            for cost in grow(prompts):
                costs.append(cost)
                console.print(f"{cost.prompts} prompts: {cost.seconds:.1f} s")
        except RuntimeError as error:
            raise CommandError(str(error)) from error
        console.print(table(costs))
        if json:
            write(json, [asdict(cost) for cost in costs])


def table(costs: list[Any]) -> Table:
    """Each cost beside the first one's: a ratio of times no larger than that of prompts is linear growth."""
    first = costs[0]
    shown = Table("prompts", "clips", "seconds", "× prompts", "× time", "in engine calls", "memory", title="Growth")
    for cost in costs:
        shown.add_row(
            str(cost.prompts),
            str(cost.clips),
            f"{cost.seconds:.1f}",
            f"{cost.prompts / first.prompts:.1f}",
            f"{cost.seconds / first.seconds:.2f}",
            f"{cost.engine_share:.0%}",
            f"{cost.memory / 2**20:.0f} MiB",
        )
    return shown
