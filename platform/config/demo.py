"""`script/demo`: the main job on one machine, from nothing to results, and again without breaking anything."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import time
from pathlib import Path
from typing import Any

from config import processes
from config.processes import Processes, StartError


def main() -> None:
    options = arguments()
    processes.heed_signals()
    try:
        sys.exit(run(options))
    except KeyboardInterrupt:
        sys.exit("\nStopped. Run script/demo again to go on where it was.")
    except StartError as error:
        sys.exit(str(error))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    parser.add_argument("--study", default="sandbox", metavar="RECIPE", help="a shipped recipe, or a YAML file")
    parser.add_argument("--prompts", metavar="FILE.csv", help="your own prompts instead of the shipped ones")
    parser.add_argument("--keep-good", action="store_true", help="leave prompts with a fault out, import the others")
    parser.add_argument("--seed", type=int, help="another seed than the recipe's")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there")
    parser.add_argument("--no-serve", action="store_true", help="end after printing the results")
    parser.add_argument("--only-serve", action="store_true", help="run the site and a worker; launch nothing")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--raters", type=int, default=12, help="simulated raters that vote (marked as such); 0 for none"
    )
    parser.add_argument("--concurrency", type=int, default=os.cpu_count() or 1, help="worker processes")
    return parser.parse_args()


def run(options: argparse.Namespace) -> int:
    """Starts everything, runs the study, prints, serves. The exit code: 0 when the study is complete."""
    from rich.console import Console

    console = Console()
    data = Path(os.environ.get("AUDIONESE_DATA") or Path(__file__).resolve().parents[2] / ".data").resolve()
    processes.writable(data)
    processes.free_port(options.port)
    database(data, console)
    with Processes(data / "logs") as children:
        processes.web(children, options.port)
        processes.worker(children, options.concurrency)
        processes.wait_for_port(options.port, children)
        from config import demo_study

        site = demo_study.Site(f"http://127.0.0.1:{options.port}", data)
        code = 0 if options.only_serve else demo_study.conduct(options, site, children, console)
        if not options.no_serve and code == 0:
            _serve(site, children, console)
    return code


def database(data: Path, console: Any) -> None:
    """A database that this process keeps alive for its children, migrated."""
    if not os.environ.get("DATABASE_URL") and not os.environ.get("DATABASE_URL_FILE"):
        from config import embedded

        console.print("Starting PostgreSQL …", style="dim")
        try:
            os.environ["DATABASE_URL"] = embedded.database_url(data / "postgres")
        except Exception as error:
            raise StartError(f"PostgreSQL did not start ({error}); its log is {data / 'postgres' / 'log'}.") from error
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _serve(site: Any, children: Processes, console: Any) -> None:
    console.print(site.addresses())
    console.print("Ctrl-C stops everything; what was made stays.", style="dim")
    while True:
        children.check()
        time.sleep(1)


def password_of(data: Path) -> str:
    """The demo account's password: made once for this installation, readable by its owner alone."""
    path = data / "demo-password"
    if not path.exists():
        path.touch(0o600)
        path.write_text(secrets.token_urlsafe(9))
    return path.read_text().strip()


def write_json(path: Path, results: dict) -> None:
    """Raises StartError where it cannot be written; the results are then still in the database."""
    try:
        path.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise StartError(f"Could not write {path}: {error.strerror}. Run again with another --json FILE.") from error


if __name__ == "__main__":
    main()
