"""Simulates studies and prints how often 95 % intervals hold the truth: the table of docs/statistics.md."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.table import Table

from results.measures import coverage


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--studies", type=int, default=2000, help="Simulated studies a line.")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, studies: int, seed: int, **options: Any) -> None:
        told = Table(title=f"Coverage of 95 % intervals, {studies:,} simulated studies a line, seed {seed}")
        told.add_column("Interval of a …")
        told.add_column("holds the truth", justify="right")
        for name, share in coverage.table(studies, seed):
            told.add_row(name, f"{share:.1%}")
        Console().print(told)
