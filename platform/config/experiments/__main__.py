"""The paper's experiments, one command each: runs the recipes, lets simulated raters vote, writes what came of it.

    script/experiment zero_shot --seeds 3        writes docs/experiments/zero_shot.md and its figures
    script/experiment --list                     what there is
    script/experiment --all

Studies stay in the database (`script/demo --only-serve` shows them); run again, finished ones are only read.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from rich.console import Console

from config import demo, processes
from config.arguments import above_zero
from config.processes import StartError


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/experiment", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="of experiments")
    parser.add_argument("--list", action="store_true", help="name every experiment with its question")
    parser.add_argument("--all", action="store_true", help="run every experiment")
    parser.add_argument("--seeds", type=above_zero, metavar="N", help="1 … N; else as many as the experiment asks for")
    parser.add_argument("--models", metavar="BLOCK", help="a model block in place of the recipe's own")
    parser.add_argument("--prompts", type=Path, metavar="FILE.csv", help="your own prompts instead of the shipped ones")
    parser.add_argument("--docs", type=Path, metavar="FOLDER", help="where experiments/ and images/ are written")
    return parser.parse_args()


def main() -> int:
    given, console = options(), Console(stderr=True)
    data = Path(os.environ.get("AUDIONESE_DATA") or Path(__file__).resolve().parents[3] / ".data").resolve()
    try:
        processes.writable(data)
        demo.database(data, console)
        return _experiments(given, data, console)
    except StartError as error:
        console.print(f"[red]{error}")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped. Run it again to go on where it was.")
        return 130


def _experiments(given: argparse.Namespace, data: Path, console: Console) -> int:
    from config.experiments.catalogue import EXPERIMENTS

    if given.list or not (given.names or given.all):
        for one in EXPERIMENTS.values():
            console.print(f"[bold]{one.name}[/bold]  {one.question}")
        return 0
    if unknown := set(given.names) - EXPERIMENTS.keys():
        raise StartError(f"No experiment {', '.join(sorted(unknown))}: choose {', '.join(EXPERIMENTS)}.")
    for name in EXPERIMENTS if given.all else given.names:
        console.print(f"Written: {_conducted(EXPERIMENTS[name], given, data, console)}")
    return 0


def _conducted(experiment, given: argparse.Namespace, data: Path, console: Console) -> Path:
    from config.experiments import conducting, writing

    console.print(f"[bold]{experiment.title}")
    seeds = range(1, (given.seeds or experiment.seeds) + 1)
    runs = conducting.run(experiment, seeds, models=given.models, prompts=given.prompts, data=data, out=console)
    return writing.Written(experiment, runs, given.models, given.docs or writing.DOCS).write()


if __name__ == "__main__":
    sys.exit(main())
