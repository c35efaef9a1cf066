"""Tables by name: pages show them, papers and scripts take them along. Each says what it rests on."""

from __future__ import annotations

from collections.abc import Callable

from results.opened import Opened
from results.tables import apart, arms, correlation, judge, paper, pareto, preference, raters, rewriters, training
from results.tables.table import Table

TABLES: dict[str, Callable[[Opened], Table]] = {
    "arms": arms.summary,
    "paper": paper.paper,
    "comparable": paper.comparable,
    "contrasts": arms.contrasts,
    "control": arms.control,
    "apart": apart.table,
    "fidelity": arms.fidelity,
    "rewrites": arms.rewrites,
    "pareto": pareto.pareto,
    "preference": preference.preference,
    "strengths": preference.strengths,
    "ratings": preference.ratings,
    "correlation": correlation.correlation,
    "judge": judge.judge,
    "training": training.training,
    "rewriters": rewriters.rewriters,
    "raters": raters.raters,
}

__all__ = ["TABLES", "Table"]
