"""How fast the engines are on this machine, at published sizes with random weights."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table


class Command(BaseCommand):
    help = "Measure scoring, rewriting and generation against one-at-a-time scripts and against the bare models."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
        parser.add_argument(
            "--only", nargs="+", metavar="MODEL", help="of flan-t5-base, musicgen-small, clap-htsat-unfused"
        )
        parser.add_argument("--models", type=Path, help="a folder to keep the models in; a temporary one without it")
        parser.add_argument("--turns", type=int, default=3, help="how often each way is measured, in turns")

    def handle(self, *, json: Path | None, only: list[str] | None, models: Path | None, turns: int, **_: Any) -> None:
        from inference.bench import CONTESTS, bench
        from inference.engines.threads import torch_threads
        from inference.sandbox.published_sizes import make

        if unknown := set(only or []) - set(CONTESTS):
            raise CommandError(f"Unknown: {', '.join(sorted(unknown))}. Known: {', '.join(CONTESTS)}.")
        console = Console(file=cast(IO[str], self.stdout), width=None if self.stdout.isatty() else 120)
        console.print(machine())
        speeds: list[Any] = []
        with tempfile.TemporaryDirectory() as spare, torch_threads(os.cpu_count() or 1):
            home = models or Path(spare)
            for name in only or CONTESTS:
                folder = home / name
                if not (folder / "config.json").exists():
                    console.print(f"Making {name} with random weights …")
                    make(name, folder)
                console.print(f"Measuring {name} …")
                speeds += bench({name: folder}, turns)
        console.print(table(speeds))
        if json:
            write(json, [asdict(speed) for speed in speeds])


def write(path: Path, speeds: list[dict[str, Any]]) -> None:
    try:
        path.write_text(json.dumps(speeds, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise CommandError(f"Could not write {path}: {error.strerror}.") from error


def machine() -> str:
    """What the figures were measured on."""
    import torch
    import transformers

    gpu = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no GPU"
    return (
        f"{os.cpu_count()} CPU cores ({platform.machine()}), {gpu}, Python {platform.python_version()}, "
        f"torch {torch.__version__}, transformers {transformers.__version__}"
    )


def table(speeds: list[Any]) -> Table:
    shown = Table("", "ours", "script", "ratio", "bare model", "of it", title="Items a second")
    for s in speeds:
        shown.add_row(
            s.name,
            f"{s.ours_per_s:.2f}",
            f"{s.script_per_s:.2f}",
            f"{s.ratio:.2f}×",
            f"{s.floor_per_s:.2f}",
            f"{100 * s.floor_share:.0f} %",
        )
    return shown
