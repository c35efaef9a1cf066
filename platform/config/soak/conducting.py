"""A run: studies are made and heard, and meanwhile one fault after the other strikes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.db.models.functions import Now

from config.processes import StartError
from config.soak import contents, studies
from config.soak.cluster import FIRST, SECOND
from config.soak.faults import Fault, drawn
from config.soak.raters import Crowd, Taken
from config.soak.site import WORKERS, Site, patiently
from studies.models import Study, Worker

RECOVERY = 180  # seconds until the site must be whole again, however busy the machine
REST = (0.5, 3.0)  # seconds between a recovery and the next fault
WORK = 1200  # seconds that one study may take
FEWEST = 2  # studies: one that everybody hears all of, and one whose places raters contend for
FAULTS_A_STUDY = 3  # so often something fails until there may be one more


@dataclass
class Struck:
    """A fault that was. seconds: from the blow until everything worked again; None where that did not come."""

    fault: str
    what: str
    at: float
    seconds: float | None


@dataclass
class Run:
    """What a run made, and what was said of it. studies: how many."""

    studies: int
    struck: list[Struck] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    met: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    left: dict[str, Any] = field(default_factory=dict)


class Conductor:
    def __init__(self, site: Site, raters: int, tell: Callable[[str], None]) -> None:
        self.site, self.raters, self.tell = site, raters, tell
        self.crowd = Crowd(site.address, raters)
        self.launched, self.most = 0, FEWEST  # studies
        self.began = time.monotonic()

    def disturbed(self, faults: list[Fault], number: int, seed: int, told: Callable[[Struck], None]) -> Run:
        """Studies are made and heard until all faults have struck; the first, when there is something to hear."""
        chance = random.Random(seed)
        struck: list[Struck] = []
        self._begin(FIRST, WORKERS)
        while not self.crowd.opened:
            self._work_for(1.0)
        for fault in drawn(faults, number, chance):
            self.most = FEWEST + len(struck) // FAULTS_A_STUDY
            self._work_for(chance.uniform(*REST))
            struck.append(self._strike(fault, chance))
            told(struck[-1])
        while self.launched < FEWEST:
            self._work_for(1.0)
        return self._end(struck)

    def undisturbed(self, number: int) -> Run:
        """The same studies, and nothing happens. One worker is enough: who does the work must not matter."""
        self.most = number
        self._begin(SECOND, WORKERS[:1])
        while self.launched < number:
            self._work_for(0.3)
        return self._end([])

    def _begin(self, database: str, workers: Sequence[str]) -> None:
        self.site.use(database)
        connection.close()
        connection.settings_dict["NAME"] = database
        self.site.start(workers)
        self._work_for(0.0)

    def _work_for(self, seconds: float) -> None:
        """Opens to raters what is complete, and launches the next study when the last one is."""
        for _ in patiently(seconds + 0.01):
            self.site.children.check()
            if self._open() == self.launched < self.most:
                studies.launch(self.launched, self.raters)
                self.launched += 1
        self.tell(self._so_far())

    def _so_far(self) -> str:
        return f"{self.launched} studies, {len(self.crowd.opened)} of them heard: {len(self.crowd.taken)} votes"

    def _open(self) -> int:
        """How many studies raters may hear."""
        there = len(self.crowd.opened)
        if there < self.launched:
            status, reason = studies.status(there)
            if status == Study.Status.COMPLETE:
                studies.opened(there, self.raters)
                self.crowd.open(studies.name(there))
            elif status != Study.Status.RUNNING:
                raise StartError(f"{studies.name(there)} is {status}: {reason}")
        return len(self.crowd.opened)

    def _strike(self, fault: Fault, chance: random.Random) -> Struck:
        self.tell(f"{self._so_far()}; now: {fault.name} …")
        began = time.monotonic()
        what = fault.strike(self.site, chance)
        recovered = self._recovered()
        passed = round(time.monotonic() - began, 1) if recovered else None
        return Struck(fault.name, what, round(began - self.began, 1), passed)

    def _recovered(self) -> bool:
        """Whether the database answers, pages come, and every worker has announced itself since."""
        since = None
        for _ in patiently(RECOVERY):
            try:
                since = since or Study.objects.annotate(now=Now()).values_list("now", flat=True)[0]
                here = {worker.name.split("@")[0] for worker in Worker.objects.filter(seen_at__gt=since)}
            except (DatabaseError, InterfaceError):
                connection.close()
                continue
            if here >= set(WORKERS) and self.site.answers():
                return True
        return False

    def _end(self, struck: list[Struck]) -> Run:
        """Waits for the last study, then for the raters; then counts what is there."""
        for _ in patiently(WORK):
            if self._open() == self.launched:
                break
            self.site.children.check()
            self.tell(f"{self._so_far()}; the last is made …")
        self.tell(f"{self._so_far()}; raters come to the end …")
        heard = self.crowd.end(WORK)
        self.site.stop()
        run = Run(self.launched, struck, self.crowd.taken, dict(self.crowd.met), dict(self.crowd.wrong))
        run.seconds = round(time.monotonic() - self.began, 1)
        if not heard:
            run.wrong["raters who did not come to the end"] = 1
        run.left = dict(left(self.launched, self.crowd.taken))
        connection.close()
        return run


def left(number: int, taken: list[Taken]) -> Iterator[tuple[str, Any]]:
    """What is in the database after a run of so many studies."""
    yield "made", contents.made()
    yield "counts", contents.counts()
    yield "unfinished", contents.unfinished()
    yield "votes", {studies.name(n): contents.votes(studies.name(n)) for n in range(number)}
    yield "told", contents.told_and_there(taken)
    yield "overfilled", contents.overfilled()
    yield "results", [contents.results(studies.name(n), not studies.contended(n)) for n in range(number)]
