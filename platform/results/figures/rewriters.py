"""Fluency, copying and ranking accuracy, a panel each: what makes one rewriter better than another."""

from __future__ import annotations

import altair as alt

from results.figures.style import Chart, Row, finished, interval_panel, rule
from results.opened import Opened
from results.rewriters import Skill, skills

PANELS = {
    "surprisal": ("Surprisal of what is added, bits a character", 1.0),
    "overlap": ("Word pairs copied from the prompt, %", 100.0),
    "ranking": ("Held-out pairs ranked rightly, %", 100.0),
}
CHANCE = 50


def rewriters_rows(page: Opened) -> list[Row]:
    """kind "now"; of ranking also "before", the rewriter before training."""
    return [row for measure in PANELS for skill in skills(page) for row in _rows(skill, measure)]


def _rows(skill: Skill, measure: str) -> list[Row]:
    scale = PANELS[measure][1]
    value = skill.ranking if measure == "ranking" else skill.values[measure]
    if value is None:
        return []
    row: Row = {"measure": measure, "arm": skill.name, "value": scale * value, "n": skill.n, "first": False}
    interval = skill.intervals.get(measure)
    if interval:
        row |= {"low": scale * interval[0], "high": scale * interval[1]}
    if measure != "ranking" or skill.before in (None, value):
        return [row]
    return [row, {**row, "value": scale * (skill.before or 0.0), "first": True}]


def rewriters(rows: list[Row], narrow: bool) -> Chart:
    """Hollow: before training. The dashed line is chance."""
    panels: list = []
    for measure, (title, _) in PANELS.items():
        mine = [row for row in rows if row["measure"] == measure]
        if not mine:
            continue
        panel = interval_panel(mine, title, labels=narrow or not panels, letters=24)
        panels.append((rule(CHANCE) + panel if measure == "ranking" else panel).properties(
            width=210 if narrow else 190, height=alt.Step(34)))  # fmt: skip
    return finished(alt.vconcat(*panels) if narrow else alt.hconcat(*panels, spacing=30))
