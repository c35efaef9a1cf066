"""compose.yaml on one machine without Docker, and a study conducted on it from outside.

    script/topology [--broker redis] [--broker rabbitmq] [--json FILE] [--serve]

PostgreSQL, a broker, the web server, beat, two workers and the proxy each run on a host of their own (a network
namespace), confined as compose.yaml says, from the images' own entry points, each with just the packages of its image.
The workers reach the database and the broker and nothing else. Then a script outside makes a study by REST through the
proxy, a rater votes on it, and the results are read.

Needs root, and of Debian bubblewrap, caddy, iproute2, wget, redis-server, and rabbitmq-server for that broker.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from config.processes import StartError, heed_signals
from config.topology.installation import Installation

NEEDED = {"bwrap": "bubblewrap", "ip": "iproute2", "caddy": "caddy", "wget": "wget"}
BROKERS = {"redis": {"redis-server": "redis-server"}, "rabbitmq": {"rabbitmqctl": "rabbitmq-server"}}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/topology", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--broker", action="append", choices=list(BROKERS), help="one or both, one after the other")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where what was seen goes")
    parser.add_argument("--serve", action="store_true", help="leave it up, with the last broker, until Ctrl-C")
    return parser.parse_args()


def main() -> int:
    given, console = options(), Console(stderr=True)
    heed_signals()
    brokers = given.broker or ["redis"]
    try:
        ready(brokers)
        with tempfile.TemporaryDirectory(prefix="audionese-topology-") as folder:
            report = conduct(Path(folder), brokers, given.serve, console)
    except StartError as error:
        console.print(f"[red]{error}", highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130
    text = json.dumps(report, indent=2) + "\n"
    if given.json:
        given.json.write_text(text)
    print(text, end="")  # noqa: T201 - what was asked for
    return 0


def ready(brokers: list[str]) -> None:
    """Raises StartError where this machine lacks something."""
    if os.geteuid() != 0:
        raise StartError("script/topology makes network namespaces, which needs root: nothing was run.")
    needed = NEEDED | {name: package for which in brokers for name, package in BROKERS[which].items()}
    if missing := sorted({package for name, package in needed.items() if not shutil.which(name)}):
        raise StartError(f"Missing here: apt install {' '.join(missing)}")


def conduct(folder: Path, brokers: list[str], serve: bool, console: Console) -> dict[str, Any]:
    report: dict[str, Any] = {"seconds": {}}
    with Installation(folder) as installation:
        with _told("database and migrations", report, console):
            installation.begin()
        for which in brokers:
            with _told(f"{which}: all services healthy", report, console):
                installation.work_with(which)
            with _told(f"{which}: a study from its prompts to its results", report, console):
                if which == brokers[0]:
                    installation.draft(brokers)
                report[which] = installation.conduct(which)
        report |= installation.done(brokers) | {"hosts": installation.looked_around()}
        report["namespaces"] = installation.network.prefix
        if serve:
            _serve(installation, console)
    return report


@contextmanager
def _told(what: str, report: dict[str, Any], console: Console) -> Iterator[None]:
    began = time.monotonic()
    yield
    report["seconds"][what] = round(time.monotonic() - began, 1)
    console.print(f"{what} ({report['seconds'][what]} s)", style="dim", highlight=False)


def _serve(installation: Installation, console: Console) -> None:
    console.print(f"Running; its files are in {installation.folder}. Ctrl-C stops everything and removes them.")
    while True:
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
