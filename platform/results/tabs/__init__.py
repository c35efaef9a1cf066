"""What a study's page shows, a tab a file: each says what its template reads and which figures stand in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from results.figures import FIGURES
from results.opened import Opened
from results.tables import TABLES, Table
from results.tabs import correlation, examples, fidelity, judge, preference, raters, summary, training


@dataclass(frozen=True)
class Tab:
    name: str
    title: str
    context: Callable[[Opened], dict[str, Any]] = lambda page: {}
    figures: tuple[str, ...] = field(default=())
    tables: tuple[str, ...] = field(default=())

    @property
    def template(self) -> str:
        return f"results/tabs/{self.name}.html"


_ALL = (
    Tab(
        "summary", "Summary", summary.context, ("alignment",), ("arms", "paper", "comparable", "preference", "ratings")
    ),
    Tab("alignment", "Alignment", figures=("gains", "alignment", "spread"), tables=("contrasts", "control", "apart")),
    Tab("fidelity", "Fidelity", fidelity.context, ("pareto", "intent", "trade"), ("fidelity", "pareto")),
    Tab(
        "preference",
        "Preference",
        preference.context,
        ("preference", "wins", "strengths", "settling", "arrivals"),
        ("preference", "strengths", "ratings"),
    ),
    Tab("correlation", "Correlation", correlation.context, ("scatter", "coefficients"), ("correlation",)),
    Tab("judge", "Judge", judge.context, ("learned", "calibrated"), ("judge",)),
    Tab("training", "Training", training.context, ("course", "efficiency", "rewriters"), ("training", "rewriters")),
    Tab("raters", "Raters", raters.context, ("agreement",), ("raters",)),
    Tab("examples", "Examples", examples.context),
)
TABS = {tab.name: tab for tab in _ALL}


def drawn(page: Opened, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Title, caption and source of the figures that have something to show."""
    found = []
    for name in names:
        figure = FIGURES[name]
        rows = figure.rows(page)
        if rows:
            told = {"name": name, "title": figure.title, "caption": figure.caption}
            found.append(told | {"source": figure.source(page, rows)})
    return found


def tabulated(page: Opened, names: tuple[str, ...]) -> dict[str, Table]:
    """The tables that have rows."""
    made = {name: TABLES[name](page) for name in names}
    return {name: table for name, table in made.items() if table.rows}
