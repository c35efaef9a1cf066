"""A study and its raters while what is around them fails, and the same without: are the results the same?

    script/soak [--faults 30] [--seed 1] [--json FILE]

Small studies are made by two workers and heard by raters over HTTP. Meanwhile workers and web server get kill -9, the
broker is stopped and emptied, PostgreSQL is restarted and killed, the disk of the audio store fills, clocks jump: as
many faults as are asked for, at moments and of kinds that the seed draws. Then the same studies are made and heard in a
second database where nothing fails, and everything is compared: files, scores, votes, results.

Everything runs here, on loopback, in a data folder of its own (.data/soak, made anew). What this machine does not allow
is said as NOT TRIED: the disk is a tmpfs and needs root, clocks need libfaketime. Ctrl-C ends it, and nothing stays
running or mounted. Logs are in the data folder; docs/faults.md says what is promised, and what was seen. Exit code 0
where everything held, 1 on any deviation.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from config.arguments import above_zero
from config.machine import machine
from config.processes import StartError, heed_signals, writable
from config.soak.disk import release
from config.soak.site import Site, begun, migrated

MARK = ".soak"  # in a data folder that may be made anew
WIDTH = 120  # characters, also where the table goes into a file


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--faults", type=above_zero, default=30, metavar="N", help="how often something fails (default: 30)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of what fails when, and how (default: 1)")
    parser.add_argument("--raters", type=above_zero, default=4, metavar="N", help="of each study (default: 4)")
    parser.add_argument("--broker", choices=["any", "redis", "folder"], default="any", help="any: Redis if installed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the report goes")
    return parser.parse_args()


def main() -> int:
    given, console = options(), Console(width=WIDTH if not sys.stdout.isatty() else None)
    heed_signals()
    data = Path(os.environ["AUDIONESE_DATA"]).resolve()
    try:
        empty(data)
        with begun(data, given.broker) as site:
            return _soaked(given, site, console)
    except StartError as error:
        console.print(f"[red]{error}", highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130


def empty(data: Path) -> None:
    """Makes the folder anew. Raises StartError where it holds what is not of a soak."""
    writable(data)
    if any(data.iterdir()) and not (data / MARK).exists():
        raise StartError(f"{data} holds what is not of a soak: name an empty folder with AUDIONESE_SOAK_DATA.")
    release(data / "disk")
    shutil.rmtree(data)
    data.mkdir()
    (data / MARK).touch()


def _soaked(given: argparse.Namespace, site: Site, console: Console) -> int:
    site.use("disturbed")
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    logging.getLogger().setLevel(logging.ERROR)  # what fails here is meant to
    migrated(site)

    from config.soak import conducting, faults, verdict
    from config.soak.showing import Showing

    possible, missing = faults.possible(site)
    for reason in missing:
        console.print(f"[bold yellow]NOT TRIED: {reason}.", highlight=False)
    with Showing(console, given.faults) as showing:
        showing.turns(f"Workers and web server start (broker: {site.broker.name}); faults wait until raters hear …")
        conductor = conducting.Conductor(site, given.raters, showing.says)
        broken = conductor.disturbed(possible, given.faults, given.seed, showing.struck)
        showing.turns("The same studies and raters, and nothing fails …")
        for each in site.clocks.values():
            each.set(0)
        whole = conducting.Conductor(site, given.raters, showing.says).undisturbed(broken.studies)
    lines = verdict.verdict(broken, whole)
    _tell(broken, whole, lines, console)
    if given.json:
        given.json.write_text(json.dumps(_report(given, site, broken, whole, lines, missing), indent=2) + "\n")
    return 1 if any(line.wrong for line in lines) else 0


def _tell(broken: Any, whole: Any, lines: list[Any], console: Console) -> None:
    from config.soak.verdict import SHOWN

    console.print(
        f"{broken.studies} studies, {len(broken.taken)} votes in {broken.seconds:.0f} s; undisturbed: "
        f"{len(whole.taken)} votes in {whole.seconds:.0f} s. On the way raters met: {broken.met or 'nothing'}.",
        highlight=False,
    )
    table = Table("promised", "held", title="Verdict")
    for line in lines:
        table.add_row(line.promise, "[red]NO" if line.wrong else "yes")
    console.print(table)
    for line in lines:
        for one in line.wrong[:SHOWN]:
            console.print(f"[red]{line.promise}: {one[:400]}", highlight=False, markup=True)


def _report(given: Any, site: Site, broken: Any, whole: Any, lines: list[Any], missing: list[str]) -> dict[str, Any]:
    told = ("studies", "met", "wrong", "seconds")
    return {
        "faults": [asdict(one) for one in broken.struck],
        "not_tried": missing,
        "seed": given.seed,
        "broker": site.broker.name,
        "disturbed": {name: getattr(broken, name) for name in told} | {"votes": len(broken.taken)},
        "undisturbed": {name: getattr(whole, name) for name in told} | {"votes": len(whole.taken)},
        "verdict": {line.promise: line.wrong for line in lines},
        "held": not any(line.wrong for line in lines),
        "cpu_seconds": round(sum(os.times()[:4])),  # of all but PostgreSQL
        "machine": machine(),
        "at": time.strftime("%Y-%m-%d"),
    }


if __name__ == "__main__":
    sys.exit(main())
