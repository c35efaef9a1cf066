"""Figures that several experiments draw, of numbers over all seeds."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from config.experiments import over_seeds
from config.experiments.experiment import Drawing, Run
from results.figures import FIGURES
from results.figures.style import ACCENT, SOFT, Row, data, finished, interval_panel, rule
from results.statistics import Estimate

ROW = 34  # of an arm


def gains(runs: Sequence[Run], versus: str = "original") -> Drawing:
    """What each arm gained over another, on average over seeds."""
    rows = [
        row(arm.name, found.pooled, 100)
        for arm in runs[0].page.arms
        if arm.key != versus and (found := over_seeds.gain(runs, arm.key, versus))
    ]
    name = runs[0].page.names[versus]
    panel = rule() + interval_panel(rows, f"Gain in CLAP ×100 over {name}", zero=True)
    return Drawing(
        "gains",
        "What each way of rewriting gains",
        "Means over prompts and seeds, with 95% intervals over prompts.",
        over_seeds.rests_on(runs),
        finished(panel.properties(width=420, height=alt.Step(ROW))),
    )


def row(name: str, found: Estimate, scale: float = 1.0) -> Row:
    """Of an `interval_panel`."""
    value, low, high = (scale * each for each in found[:3])
    return {"arm": name, "value": value, "low": low, "high": high, "n": found.n, "first": False}


def of_seed(run: Run, name: str) -> list[Drawing]:
    """One of the results' own figures, of one seed; none where it has nothing to show."""
    figure = FIGURES[name]
    rows = figure.rows(run.page)
    if not rows:
        return []
    title = f"{figure.title} (seed {run.seed})"
    chart = figure.chart(rows, False)
    return [Drawing(name, title, figure.caption, figure.source(run.page, rows), chart)]


def curve(rows: list[Row], dots: list[Row], x: alt.X, title: str) -> alt.LayerChart:
    """Means with intervals along a number, joined, and each seed's own as dots. rows: x, value, low, high; dots: x,
    value, seed."""
    base = alt.Chart(data(rows)).encode(x=x)
    y = alt.Y("value:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(grid=True))
    line = base.mark_line(color=SOFT, strokeDash=[4, 3]).encode(y=y)
    bars = base.mark_rule(color=ACCENT, strokeWidth=2.5).encode(y=alt.Y("low:Q", title=title), y2="high:Q")
    means = base.mark_point(filled=True, size=90, color=ACCENT, opacity=1).encode(y=y)
    each = alt.Chart(data(dots)).mark_point(size=30, color=SOFT, opacity=0.8).encode(x=x, y=y)
    return line + bars + each + means
