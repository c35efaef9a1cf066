"""Raters at once, with realistic pauses and flat out, on this machine.

    script/load --raters 300 --seconds 60 [--json FILE]

Everything of it runs here: PostgreSQL, the web server as the product starts it, and Locust.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from rich.console import Console
from rich.table import Table

from config.processes import Processes, StartError, free_port, wait_for_port, web

RATER = Path(__file__).with_name("rater.py")
ARRIVE = 5  # raters a second: each arrival is a handful of pages, and sounds are made for the first time
SETTLE = 15  # seconds after the last arrival until what had queued up is done
GRACE = 90  # seconds beyond its own time after which Locust is given up


@dataclass(frozen=True)
class Load:
    """seconds_a_clip; thinking: median seconds before a vote, 0 for flat out."""

    name: str
    raters: int
    seconds_a_clip: float
    thinking: float
    prompts: int
    per_session: int


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raters", type=_positive, default=300, help="at once, in the row with realistic pauses")
    parser.add_argument("--flat-out-raters", type=_positive, default=40, help="at once, in the row without pauses")
    parser.add_argument("--seconds", type=_positive, default=60, help="of the steady state of each row")
    parser.add_argument("--json", type=Path, help="where the figures go")
    parser.add_argument("--port", type=_positive, default=8765)
    parser.add_argument("--only", choices=["paced", "flat-out"], help="one of the two rows alone")
    return parser.parse_args()


def _positive(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError("a whole number above 0, please")
    return int(text)


def main() -> int:
    given, console = options(), Console(stderr=True)
    loads = {
        "paced": Load("realistic pauses", given.raters, 5.0, 8.0, 200, 20),
        "flat-out": Load("flat out", given.flat_out_raters, 0.5, 0.0, 200, 20),
    }
    try:
        free_port(given.port)
        django.setup()
        _migrate()
        rows = [_run(load, given, console) for key, load in loads.items() if given.only in (None, key)]
    except StartError as error:
        console.print(f"[red]{error}")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130
    return _reported(rows, given, console)


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _run(load: Load, given: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Study, server, raters, count: each row on a study and a server of its own."""
    from django.conf import settings

    from config.load import counting, study

    ramp = max(2, load.raters // ARRIVE)
    steady = ramp + SETTLE
    console.print(
        f"{load.name}: {load.raters} raters, {steady} s to arrive and settle, then {given.seconds} s …", style="dim"
    )
    votes = max(2, load.raters // 4)  # some trials fill while raters are at work, and none run dry for all
    made = study.make(prompts=load.prompts, seconds=load.seconds_a_clip, votes=votes, per_session=load.per_session)
    with tempfile.TemporaryDirectory() as folder, Processes(settings.DATA / "logs") as children:
        log = Path(folder) / "log.jsonl"
        web(children, given.port)
        wait_for_port(given.port, children)
        began = time.time()
        _locust(load, made.slug, log, steady + given.seconds, load.raters / ramp, given.port)
        children.check()
        told = counting.read(log)
    begin = began + steady
    return {"load": load.name, **counting.summary(made, told, load.raters, begin, begin + given.seconds)}


def _locust(load: Load, slug: str, log: Path, seconds: float, rate: float, port: int) -> None:
    """In a process of its own: it replaces the standard library's sockets."""
    run = {
        "--users": load.raters,
        "--spawn-rate": f"{rate:.2f}",
        "--run-time": f"{seconds:.0f}s",
        "--stop-timeout": 30,
        "--host": f"http://127.0.0.1:{port}",
        "--loglevel": "WARNING",
    }
    quiet = ["--headless", "--only-summary", "-f", str(RATER)]
    words = [str(word) for pair in run.items() for word in pair]
    command = [sys.executable, "-m", "locust", *quiet, *words]
    asked = {
        "LOAD_STUDY": slug,
        "LOAD_SECONDS": str(load.seconds_a_clip),
        "LOAD_THINKING": str(load.thinking),
        "LOAD_LOG": str(log),
    }
    child = subprocess.Popen(command, env={**os.environ, **asked}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        child.wait(seconds + GRACE)
    except BaseException:
        child.send_signal(signal.SIGKILL)
        child.wait()
        raise
    if not log.exists():
        raise StartError("Locust did not begin: run script/setup dev, which installs it.")


def _reported(rows: list[dict[str, Any]], given: argparse.Namespace, console: Console) -> int:
    columns = ("load", "raters", "votes_per_s", "p50_ms", "p95_ms", "p99_ms", "requests_per_s", "errors", "lost",
               "duplicates", "overfilled")  # fmt: skip
    table = Table(*(column.removesuffix("_ms").replace("_", " ") for column in columns), title="times in ms")
    for row in rows:
        table.add_row(*(str(row[column]) for column in columns))
    Console().print(table)
    for row in rows:
        for what, times in row["what_went_wrong"].items():
            console.print(f"[red]{row['load']}: {times} × {what}")
    if given.json:
        first, *others = rows
        report = {**first, **({"flat_out": others[0]} if others else {}), "machine": machine()}
        given.json.write_text(json.dumps(report, indent=2) + "\n")
    return 1 if any(row[name] for row in rows for name in ("errors", "lost", "duplicates", "overfilled")) else 0


def machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}


if __name__ == "__main__":
    sys.exit(main())
