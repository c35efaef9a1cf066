"""One run: a study and a web server of its own, raters by Locust, and the count afterwards."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from rich.console import Console

from config.load import counting, study
from config.processes import Processes, StartError, wait_for_port, web

RATER = Path(__file__).with_name("rater.py")
ARRIVE = 5  # raters a second: each arrival is a handful of pages, and sounds are made for the first time
SETTLE = 15  # seconds at most after the last arrival until what had queued up is done
FINISH = 20  # seconds in which raters end the trial they are at
GRACE = 60  # seconds beyond its own time after which Locust is given up
PROMPTS, PER_SESSION = 200, 20  # trials of the study at most, and of one session


@dataclass(frozen=True)
class Load:
    """seconds_a_clip; thinking: median seconds before a vote, 0 for flat out."""

    name: str
    raters: int
    seconds_a_clip: float
    thinking: float

    @property
    def ramp(self) -> int:
        """Seconds in which the raters arrive."""
        return max(2, self.raters // ARRIVE)

    @property
    def prompts(self) -> int:
        return max(PER_SESSION, min(PROMPTS, 5 * self.raters))

    def votes_a_trial(self, seconds: float) -> int:
        """Twice what could be given in that time, were nobody slowed down: no rater finds nothing left."""
        a_trial = 2 * self.seconds_a_clip + self.thinking
        return math.ceil(2 * self.raters * (1 + seconds / a_trial) / self.prompts)


def run(load: Load, seconds: int, port: int, console: Console) -> dict[str, Any]:
    """The row of figures. seconds: of the steady state, after everybody has arrived."""
    before = load.ramp + min(SETTLE, load.ramp)
    console.print(f"{load.name}: {load.raters} raters, {before} s to arrive, then {seconds} s …", style="dim")
    made = study.make(
        prompts=load.prompts,
        seconds=load.seconds_a_clip,
        votes=load.votes_a_trial(before + seconds + FINISH),
        per_session=PER_SESSION,
    )
    with tempfile.TemporaryDirectory() as folder, Processes(settings.DATA / "logs") as children:
        log = Path(folder) / "log.jsonl"
        web(children, port)
        wait_for_port(port, children)
        begin = time.time() + before
        _locust(load, made.slug, log, before + seconds, port)
        children.check()
        told = counting.read(log)
    return {"load": load.name, **counting.summary(made, told, load.raters, begin, begin + seconds)}


def _locust(load: Load, slug: str, log: Path, seconds: float, port: int) -> None:
    """In a process of its own: it replaces the standard library's sockets."""
    asked = {
        "LOAD_STUDY": slug,
        "LOAD_SECONDS": str(load.seconds_a_clip),
        "LOAD_THINKING": str(load.thinking),
        "LOAD_LOG": str(log),
    }
    own = settings.DATA / "logs" / "locust.log"
    with own.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603 - our own, by this interpreter
            [sys.executable, "-m", "locust", *_words(load, seconds, port)],
            env={**os.environ, **asked},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        child.wait(seconds + FINISH + GRACE)
    except subprocess.TimeoutExpired as error:
        raise StartError(f"Locust did not end by itself; its log: {own}") from error
    finally:
        child.kill()
        child.wait()
    if not log.exists():
        raise StartError(f"Locust did not begin: script/setup load installs it. Its log: {own}")


def _words(load: Load, seconds: float, port: int) -> list[str]:
    options = {
        "-f": RATER,
        "--users": load.raters,
        "--spawn-rate": f"{load.raters / load.ramp:.2f}",
        "--run-time": f"{seconds:.0f}s",
        "--stop-timeout": FINISH,
        "--host": f"http://127.0.0.1:{port}",
        "--loglevel": "WARNING",
    }
    return ["--headless", "--only-summary", *(str(word) for pair in options.items() for word in pair)]
