"""Alignment against fidelity: a point an arm, and a point an epoch of each arm that was tuned; which of them are best.

The paper's first open question (arXiv 2311.00897): how far alignment can go before the user's intent is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from results.figures.training import checkpoints, label
from results.measures import pareto
from results.opened import Opened

# Of an arm's rewrites, each as a share of 1.
MEASURES = {"kept_terms": 1.0, "text_cosine": 1.0, "chrf": 100.0}
ARMS, EPOCHS = "arms", "epochs"
Interval = list[float] | None


class Point(NamedTuple):
    """of: whether it is an arm, on the study's prompts by the scorer that judges, or an epoch of its training, on
    validation prompts by the scorer that taught: the two are never compared with each other.

    clap, fidelity: means, 0..1. front: no other point of its kind is better in both; knee: the one of the front where
    more alignment begins to cost more fidelity than it is worth, both scaled to the front.
    """

    of: str
    measure: str
    arm: str
    epoch: int | None
    fidelity: float
    clap: float
    fidelity_interval: Interval = None
    clap_interval: Interval = None
    front: bool = False
    knee: bool = False

    @property
    def name(self) -> str:
        return self.arm if self.epoch is None else f"{self.arm}, epoch {self.epoch}"


def points(page: Opened) -> list[Point]:
    return page.kept("trade-off", list[Point], lambda: list(_points(page)))


def _points(page: Opened) -> Iterator[Point]:
    for measure in MEASURES:
        yield from _best_marked(list(_of_arms(page, measure)))
    epochs = list(_of_epochs(page))
    for measure in sorted({point.measure for point in epochs}):
        yield from _best_marked([point for point in epochs if point.measure == measure])


def _of_arms(page: Opened, measure: str) -> Iterator[Point]:
    most = MEASURES[measure]
    for arm in page.results["arms"]:
        if arm["clap"] is None or arm[measure] is None:
            continue
        ends = arm[f"{measure}_interval"]
        yield Point(
            ARMS,
            measure,
            arm["name"],
            None,
            arm[measure] / most,
            arm["clap"],
            ends and [each / most for each in ends],
            arm["clap_interval"],
        )


def _of_epochs(page: Opened) -> Iterator[Point]:
    for one in checkpoints(page):
        measure = one.parameters.get("fidelity", "kept_terms")
        for entry in [] if one.origin else one.curve:
            if entry.get("clap") is not None and entry.get("fidelity") is not None:
                yield Point(EPOCHS, measure, label(page, one), entry["epoch"], entry["fidelity"], entry["clap"])


def _best_marked(found: list[Point]) -> Iterable[Point]:
    x, y = [point.fidelity for point in found], [point.clap for point in found]
    best = pareto.front(x, y)
    knee = pareto.knee(x, y, best)
    return [point._replace(front=at in best, knee=at == knee) for at, point in enumerate(found)]
