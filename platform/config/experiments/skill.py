"""Fluency, copying and ranking of every arm's rewriter, over all seeds."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from results.rewriters import Skill
from results.tables.table import Column, Row, Table

CHANCE = 0.5


def table(found: list[dict[str, Skill]]) -> Table:
    """found: by arm, of each seed."""
    columns = (
        Column("name", "Arm"),
        Column("rewriter", "Rewriter"),
        Column("surprisal", "Surprisal", "bits a character", "rating"),
        Column("repeated", "Repeats", "%", "percent"),
        Column("overlap", "Copied", "% of word pairs", "percent"),
        Column("verbatim", "Unchanged", "%", "percent"),
        Column("before", "Ranked rightly", "before", "percent"),
        Column("ranking", "Ranked rightly", "now", "percent"),
    )
    rows = [_row([each[arm] for each in found]) for arm in found[0]]
    note = f"Means over {len(found)} seeds. Ranked rightly: pairs of held-out candidates; {CHANCE:.0%} is chance."
    return Table("rewriters", "Fluency, copying, ranking", columns, rows, note=note)


def _row(seeds: list[Skill]) -> Row:
    row: Row = {name: _mean([each.values[name] for each in seeds]) for name in seeds[0].values}
    asked = {name: _mean([getattr(each, name) for each in seeds]) for name in ("before", "ranking")}
    return {"name": seeds[0].name, "rewriter": seeds[0].rewriter, **row, **asked}


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
