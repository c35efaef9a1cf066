"""How well audio fits prompts: means of arms, and what each arm changes prompt by prompt."""

from __future__ import annotations

import altair as alt
import numpy as np

from results.examples import gains_of
from results.figures.style import (
    MEASURES,
    SOFT,
    TITLES,
    Chart,
    Row,
    apart,
    arms,
    beside,
    data,
    ends,
    finished,
    interval_panel,
    rule,
    sized,
)
from results.opened import Opened


def alignment_rows(page: Opened) -> list[Row]:
    return [
        {
            "measure": measure,
            "arm": arm["name"],
            "value": 100 * arm[measure],
            "n": arm["prompts"],
            "first": arm["method"] == "original",
        }
        | ends(arm, measure)
        for measure in MEASURES
        for arm in page.results["arms"]
        if arm[measure] is not None
    ]


def alignment(rows: list[Row], narrow: bool) -> Chart:
    """Mean of each arm with its 95 % interval; one panel a measure."""
    panels: list = []
    for measure in _measures(rows):
        mine = [row for row in rows if row["measure"] == measure]
        panels.append(interval_panel(mine, TITLES[measure], labels=narrow or not panels))
    return beside(panels, narrow)


def gains_rows(page: Opened) -> list[Row]:
    """kind "mean": of an arm with its interval; kind "prompt": one prompt's difference."""
    means = [
        {
            "measure": row["measure"],
            "arm": page.names[row["arm"]],
            "kind": "mean",
            "value": 100 * row["difference"],
            "n": row["prompts"],
            "first": False,
        }
        | ends(row)
        for row in page.results["contrasts"]
        if row["versus"] in page.originals and row["difference"] is not None
    ]
    return means + [
        {"measure": measure, "arm": arm.name, "kind": "prompt", "prompt": text, "value": round(100 * float(value), 4)}
        for measure in MEASURES
        for arm in page.rewriting
        if (values := gains_of(page.measured, arm, measure)) is not None
        for text, value in zip(_texts(page), values, strict=True)
        if not np.isnan(value)
    ]


def gains(rows: list[Row], narrow: bool) -> Chart:
    """Difference from the original on each prompt (ticks), its mean and 95 % interval; one panel a measure."""
    panels: list = []
    for measure in _measures(rows):
        means = [row for row in rows if row["measure"] == measure and row["kind"] == "mean"]
        ticks = [row for row in rows if row["measure"] == measure and row["kind"] == "prompt"]
        panel = interval_panel(means, f"Gain in {TITLES[measure]}", labels=narrow or not panels)
        panels.append(rule() + _ticks(ticks, panel) + panel)
    return beside(panels, narrow)


def _ticks(rows: list[Row], panel: alt.LayerChart) -> alt.Chart:
    """One prompt each, on the arms of the panel that they lie under."""
    ticks = alt.Chart(data(rows)).mark_tick(color=SOFT, opacity=0.45, thickness=1.5, bandSize=16)
    tooltip = [alt.Tooltip("prompt:N", title="Prompt"), alt.Tooltip("value:Q", title="Gain", format="+.1f")]
    return ticks.encode(x=alt.X("value:Q"), y=panel.layer[0].encoding.y, tooltip=tooltip)


def spread_rows(page: Opened) -> list[Row]:
    """Each prompt's score in each arm."""
    return [
        {"arm": arm.name, "prompt": text, "value": round(100 * float(value), 4)}
        for arm in page.measured.arms
        for text, value in zip(_texts(page), page.measured.column(arm, "clap"), strict=True)
        if not np.isnan(value)
    ]


def spread(rows: list[Row], narrow: bool) -> Chart:
    """Share of prompts whose score is at most x: an arm further right fits better, a steeper one is more even."""
    names = list(dict.fromkeys(row["arm"] for row in rows))
    chart = (
        alt.Chart(data(rows))
        .transform_window(groupby=["arm"], sort=[alt.SortField("value")], rank="row_number()")
        .transform_joinaggregate(groupby=["arm"], total="count()")
        .transform_calculate(share="100 * datum.rank / datum.total")
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("value:Q", title=TITLES["clap"], scale=alt.Scale(zero=False)),
            y=alt.Y("share:Q", title="% of prompts at most", axis=alt.Axis(grid=True)),
            **apart(names, lines=True, narrow=narrow),
        )
    )
    return finished(sized(chart, narrow))


def _texts(page: Opened) -> list[str]:
    """The prompts as typed, in the order of the measurements' rows."""
    given = {prompt: pair.prompt for (_, prompt), pair in page.measured.texts.items()}
    return [given.get(prompt, "") for prompt in page.measured.prompts]


def _measures(rows: list[Row]) -> list[str]:
    return [name for name in MEASURES if any(row["measure"] == name for row in rows)]


__all__ = ["alignment", "alignment_rows", "arms", "gains", "gains_rows", "spread", "spread_rows"]
