"""Figures as Vega-Lite by Altair: pure, numbers in, a specification out. `drawing` makes SVG of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import altair as alt
import numpy as np

from results.contrasts import MEASURES
from results.examples import gains_of
from results.measurements import Measurements

# The light colours of static/tokens.css; `drawing` turns them for dark pages.
SURFACE, INK, SOFT, LINE, ACCENT = "#ffffff", "#1d2126", "#565d66", "#e2dfd8", "#0b6b6b"
TITLES = {"clap": "CLAP ×100", "oracle": "Oracle relevance ×100"}
Numbers = tuple[dict[str, Any], Measurements]


def alignment(results: dict[str, Any], measured: Measurements, narrow: bool) -> alt.TopLevelMixin:
    """Mean of each arm with its 95 % interval; one panel a measure."""
    panels: list[Any] = []
    for name in _measures(measured):
        rows = [
            {"arm": arm["name"], "value": 100 * arm[name], "first": arm["method"] == "original"} | _ends(arm, name)
            for arm in results["arms"]
            if arm[name] is not None
        ]
        panels.append(_interval_panel(rows, TITLES[name], labels=narrow or not panels))
    return _beside(panels, narrow)


def gains(results: dict[str, Any], measured: Measurements, narrow: bool) -> alt.TopLevelMixin:
    """Difference from the original on each prompt (ticks), its mean and 95 % interval; one panel a measure."""
    originals = {arm["arm"]: arm["name"] for arm in results["arms"] if arm["method"] == "original"}
    names = {arm["arm"]: arm["name"] for arm in results["arms"]}
    panels: list[Any] = []
    for name in _measures(measured):
        rows = [
            {"arm": names[row["arm"]], "value": 100 * row["difference"], "first": False} | _ends(row, "")
            for row in results["contrasts"]
            if row["measure"] == name and row["versus"] in originals and row["difference"] is not None
        ]
        ticks = [
            {"arm": arm.name, "value": round(100 * float(value), 4)}
            for arm in measured.arms
            if (values := gains_of(measured, arm, name)) is not None and arm.key not in originals
            for value in values[~np.isnan(values)]
        ]
        panel = _interval_panel(rows, f"Gain in {TITLES[name]}", labels=narrow or not panels)
        panels.append(_zero_line() + _ticks(ticks, panel) + panel)
    return _beside(panels, narrow)


def preference(results: dict[str, Any], measured: Measurements, narrow: bool) -> alt.TopLevelMixin:
    """Share of votes for the first of each pair, with its 95 % interval over raters and prompts."""
    names = {arm["arm"]: arm["name"] for arm in results["arms"]}
    rows = [
        {
            "arm": f"{names[row['arm']]}\nover {names[row['versus']]}" + (" (simulated)" if row["simulated"] else ""),
            "value": 100 * row["share"],
            "first": row["simulated"],
        }
        | _ends(row, "")
        for row in results["preference"]
    ]
    panel = _interval_panel(rows, "Preferred, % of votes", domain=[0, 100])
    chart = (_zero_line(50) + panel).properties(width=200 if narrow else 460, height=alt.Step(46))
    return _finished(chart)


FIGURES: dict[str, Callable[[dict[str, Any], Measurements, bool], alt.TopLevelMixin]] = {
    "alignment": alignment,
    "gains": gains,
    "preference": preference,
}


def available(results: dict[str, Any]) -> list[str]:
    """The figures that have something to show."""
    has = {
        "alignment": any(arm["clap"] is not None for arm in results["arms"]),
        "gains": any(row["difference"] is not None for row in results["contrasts"]),
        "preference": bool(results["preference"]),
    }
    return [name for name in FIGURES if has[name]]


def _measures(measured: Measurements) -> list[str]:
    return [name for name in MEASURES if measured.has(name)]


def _ends(row: dict, measure: str) -> dict[str, float]:
    interval = row[f"{measure}_interval" if measure else "interval"]
    return {} if interval is None else {"low": 100 * interval[0], "high": 100 * interval[1]}


def _interval_panel(
    rows: list[dict], title: str, *, labels: bool = True, domain: list[float] | None = None
) -> alt.LayerChart:
    """rows: arm, value, low, high in the unit of the title; `first` ones are drawn hollow."""
    scale = alt.Scale(zero=False, nice=True) if domain is None else alt.Scale(domain=domain)
    base = alt.Chart(alt.Data(values=rows)).encode(y=_arms([row["arm"] for row in rows], labels))
    bars = base.mark_rule(strokeWidth=2.5, color=ACCENT, strokeCap="round").encode(
        x=alt.X("low:Q", title=title, scale=scale), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=90, opacity=1, stroke=ACCENT, strokeWidth=2.5).encode(
        x=alt.X("value:Q", title=title, scale=scale),
        fill=alt.condition("datum.first", alt.value(SURFACE), alt.value(ACCENT)),
    )
    return bars + points


def _ticks(rows: list[dict], panel: alt.LayerChart) -> alt.Chart:
    """One prompt each, on the arms of the panel that they lie under."""
    ticks = alt.Chart(alt.Data(values=rows)).mark_tick(color=SOFT, opacity=0.45, thickness=1.5, bandSize=16)
    return ticks.encode(x=alt.X("value:Q"), y=panel.layer[0].encoding.y)


def _zero_line(at: float = 0) -> alt.Chart:
    rows = alt.Data(values=[{"at": at}])
    return alt.Chart(rows).mark_rule(color=SOFT, strokeDash=[3, 3]).encode(x="at:Q")


def _arms(names: list[str], labels: bool) -> alt.Y:
    """The axis of arms, in the study's order. Room is kept for the widest system font: nobody's is known here."""
    longest = max((len(line) for name in names for line in name.split("\n")), default=0)
    axis = alt.Axis(labelExpr="split(datum.label, '\\n')", labelLimit=400, minExtent=round(8.4 * longest) + 12)
    return alt.Y("arm:N", sort=names, title=None, axis=axis if labels else alt.Axis(labels=False))


def _beside(panels: list, narrow: bool) -> alt.TopLevelMixin:
    width = 210 if narrow else 340
    panels = [panel.properties(width=width, height=alt.Step(38)) for panel in panels]
    return _finished(alt.vconcat(*panels) if narrow else alt.hconcat(*panels, spacing=36))


def _finished(chart) -> alt.TopLevelMixin:
    font = "system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif"
    return (
        chart.configure(font=font, background="transparent", padding=2)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            titleColor=SOFT,
            labelFontSize=13,
            titleFontSize=13,
            titleFontWeight="normal",
            gridColor=LINE,
            domainColor=LINE,
            tickColor=LINE,
        )
        .configure_axisY(grid=False, ticks=False, domain=False, labelPadding=10)
        .configure_axisX(
            tickCount=5, domain=False, titlePadding=10, labelOverlap=True, labelFlush=False, labelSeparation=6
        )
    )
