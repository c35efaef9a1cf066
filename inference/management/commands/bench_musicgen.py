"""MusicGen by batch size: eager, static, compiled; for machines with a GPU above all."""

from __future__ import annotations

import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from inference.management.commands.bench import machine, write

SIZES = ("musicgen-small", "musicgen-medium")


class Command(BaseCommand):
    help = "Measure MusicGen of published size by batch size and way of decoding, beside the memory's bandwidth."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--size", choices=SIZES, default=SIZES[0])
        parser.add_argument("--checkpoint", type=Path, metavar="FOLDER", help="not random weights, but these")
        parser.add_argument("--batches", type=int, nargs="+", default=[1, 4, 16, 64], metavar="N")
        parser.add_argument("--seconds", type=float, default=5.0, help="length of a clip")
        parser.add_argument("--turns", type=int, default=3, help="how often each is measured")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")

    def handle(
        self,
        *,
        size: str,
        checkpoint: Path | None,
        batches: list[int],
        seconds: float,
        turns: int,
        json: Path | None,
        **_: Any,
    ) -> None:
        from inference.engines.threads import torch_threads
        from inference.musicgen_sweep import sweep
        from inference.sandbox.published_sizes import make

        if min(batches) < 1 or turns < 1:
            raise CommandError("Batches and turns are at least 1.")
        console = Console(file=cast(IO[str], self.stdout), width=None if self.stdout.isatty() else 120)
        console.print(machine())
        rows = []
        with tempfile.TemporaryDirectory() as spare, torch_threads(os.cpu_count() or 1):
            for row in sweep(checkpoint or make(size, Path(spare) / size), sorted(batches), seconds, turns):
                rows.append(row)
                console.print(f"{row.way}, batch {row.batch}: {row.clips_per_s:.2f} clips a second")
        console.print(table(rows, f"{checkpoint or size}, clips of {seconds:g} s"))
        if json:
            write(json, [asdict(row) for row in rows])


def table(rows: list[Any], title: str) -> Table:
    shown = Table("", "batch", "clips/s", "× script", "ms a step", "memory alone", "of it", title=title)
    for row in rows:
        shown.add_row(
            row.way,
            str(row.batch),
            f"{row.clips_per_s:.2f}",
            f"{row.script_ratio:.1f}",
            f"{row.step_ms:.2f}",
            f"{row.step_floor_ms:.2f}",
            f"{row.floor_share:.0%}",
        )
    return shown
