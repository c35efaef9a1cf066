"""What a study's rows say now, computed for this once: nothing that was kept is believed, and nothing is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from results.figures import FIGURES
from results.opened import Opened
from results.tables import TABLES
from results.tables.writing import comma_separated, written

NOT_OF_ROWS = {"apart"}  # computed from embeddings, which no bundle holds: scorers make them again


class Fresh(Opened):
    def kept(self, name: str, kind: Any, compute: Callable[[], Any]) -> Any:
        if name not in self._read:
            self._read[name] = compute()
        return self._read[name]


def as_json(results: dict[str, Any]) -> str:
    return json.dumps(results, indent=2, ensure_ascii=False, default=str) + "\n"


def numbers(page: Opened) -> dict[str, str]:
    """By file name, as CSV: the numbers of every figure and table that a bundle's own rows give."""
    figures = {f"figures/{name}.csv": figure.rows(page) for name, figure in FIGURES.items()}
    tables = {f"tables/{name}.csv": table(page) for name, table in TABLES.items() if name not in NOT_OF_ROWS}
    told = {name: written(rows) for name, rows in figures.items() if rows}
    return told | {name: comma_separated(table, page.study.name) for name, table in tables.items() if table.rows}
