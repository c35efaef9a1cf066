"""Raters at once, with realistic pauses and flat out, on this machine.

    script/load --raters 300 --seconds 60 [--json FILE]

Everything of it runs here: PostgreSQL, the web server as the product starts it, and Locust. Times and votes a second
are of the steady state; errors, and what was lost, twice or too much, are of the whole run.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import django
from rich.console import Console
from rich.table import Table

from config.arguments import above_zero
from config.machine import machine
from config.processes import StartError, free_port, heed_signals

COLUMNS = (
    "load", "raters", "votes_per_s", "p50_ms", "p95_ms", "p99_ms", "requests_per_s", "errors", "lost", "duplicates",
    "overfilled",
)  # fmt: skip
WIDTH = 120  # characters, also where the table goes into a file
WRONG = ("errors", "lost", "duplicates", "overfilled")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/load", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--raters", type=above_zero, default=300, help="at once, in the row with realistic pauses")
    parser.add_argument("--flat-out-raters", type=above_zero, default=40, help="at once, in the row without pauses")
    parser.add_argument("--seconds", type=above_zero, default=60, help="of the steady state of each row")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the figures go")
    parser.add_argument("--port", type=above_zero, default=8765)
    parser.add_argument("--only", choices=["paced", "flat-out"], help="one of the two rows alone")
    return parser.parse_args()


def main() -> int:
    given, console = options(), Console(stderr=True)
    heed_signals()
    try:
        rows = _rows(given, console)
    except StartError as error:
        console.print(f"[red]{error}")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130
    return _reported(rows, given, console)


def _rows(given: argparse.Namespace, console: Console) -> list[dict[str, Any]]:
    free_port(given.port)
    django.setup()
    from django.core.management import call_command

    from config.load.driving import Load, run

    call_command("migrate", verbosity=0)
    loads = {
        "paced": Load("realistic pauses", given.raters, seconds_a_clip=5.0, thinking=8.0),
        "flat-out": Load("flat out", given.flat_out_raters, seconds_a_clip=0.5, thinking=0.0),
    }
    return [run(load, given.seconds, given.port, console) for key, load in loads.items() if given.only in (None, key)]


def _reported(rows: list[dict[str, Any]], given: argparse.Namespace, console: Console) -> int:
    table = Table(*(column.removesuffix("_ms").replace("_", " ") for column in COLUMNS), title="times in ms")
    for row in rows:
        table.add_row(*(str(row[column]) for column in COLUMNS))
    Console(width=WIDTH).print(table)
    for row in rows:
        for what, times in row["what_went_wrong"].items():
            console.print(f"[red]{row['load']}: {times} × {what}", markup=True)
    if given.json:
        first, *others = rows
        report = {**first, **({"flat_out": others[0]} if others else {}), "machine": machine()}
        given.json.write_text(json.dumps(report, indent=2) + "\n")
    return 1 if any(row[name] for row in rows for name in WRONG) else 0


if __name__ == "__main__":
    sys.exit(main())
