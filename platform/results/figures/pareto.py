"""Alignment against fidelity, arm by arm and epoch by epoch, with the front of those that no other one beats."""

from __future__ import annotations

from typing import Any

import altair as alt

from results.figures.fidelity import LABELS
from results.figures.style import ACCENT, SOFT, Chart, Row, apart, data, finished
from results.opened import Opened
from results.trade_off import ARMS, Point, points

TITLES = {
    "kept_terms": LABELS["kept_terms"],
    "text_cosine": LABELS["text_cosine"],
    "chrf": LABELS["chrf"],
    "bleu": LABELS["bleu"],
}
ABOVE = {ARMS: "Arms, on the study's prompts", "epochs": "Epochs, on validation prompts"}


def pareto_rows(page: Opened) -> list[Row]:
    """A point an arm and measure, a point an epoch; all times 100. front, knee: results/measures/pareto.py."""
    found = points(page)
    return [_row(point) for point in found] if len({point.name for point in found}) > 1 else []


def _row(point: Point) -> Row:
    low, high = (None, None) if point.clap_interval is None else (_100(end) for end in point.clap_interval)
    least, most = (None, None) if point.fidelity_interval is None else (_100(end) for end in point.fidelity_interval)
    return {
        "of": point.of,
        "measure": point.measure,
        "arm": point.arm,
        "epoch": point.epoch,
        "fidelity": _100(point.fidelity),
        "clap": _100(point.clap),
        "fidelity_low": least,
        "fidelity_high": most,
        "clap_low": low,
        "clap_high": high,
        "front": point.front,
        "knee": point.knee,
    }


def _100(value: float) -> float:
    return round(100 * value, 4)


def pareto(rows: list[Row], narrow: bool) -> Chart:
    """One panel a measure, arms before epochs. The line is the front, the ring its knee."""
    apart_by = apart(list(dict.fromkeys(row["arm"] for row in rows)), narrow=narrow)
    panels: list = []
    for of, measure in dict.fromkeys((row["of"], row["measure"]) for row in rows):
        mine = [row for row in rows if (row["of"], row["measure"]) == (of, measure)]
        panel = _panel(mine, apart_by, TITLES[measure])
        panels.append(panel.properties(width=220 if narrow else 280, height=220, title=ABOVE[of]))
    if narrow:
        return finished(alt.vconcat(*panels))
    return finished(alt.vconcat(*(alt.hconcat(*panels[i : i + 2], spacing=40) for i in range(0, len(panels), 2))))


def _panel(rows: list[Row], apart_by: dict[str, Any], title: str) -> Any:
    x = alt.X("fidelity:Q", title=title, scale=alt.Scale(zero=False, padding=12))
    y = alt.Y("clap:Q", title="CLAP ×100", scale=alt.Scale(zero=False, padding=12), axis=alt.Axis(grid=True))
    told = ["arm:N", alt.Tooltip("fidelity:Q", title=title, format=".1f"), alt.Tooltip("clap:Q", format=".1f")]
    told += ["epoch:Q"] if rows[0]["epoch"] is not None else []
    base = alt.Chart(data(rows)).encode(x=x, y=y)
    front = base.transform_filter("datum.front").encode(order="fidelity:Q")
    line = front.mark_line(color=SOFT, strokeWidth=1.5, aria=False)
    dots = base.mark_point(filled=True, size=75, opacity=0.9).encode(**apart_by, tooltip=told)
    ring = base.transform_filter("datum.knee").mark_point(size=260, strokeWidth=2, color=ACCENT, aria=False)
    layers: list = [line, dots, ring]
    if any(row["clap_low"] is not None for row in rows):
        bars = alt.Chart(data([row for row in rows if row["clap_low"] is not None])).encode(color=apart_by["color"])
        across = bars.mark_rule(opacity=0.6).encode(x="fidelity_low:Q", x2="fidelity_high:Q", y="clap:Q")
        along = bars.mark_rule(opacity=0.6).encode(y="clap_low:Q", y2="clap_high:Q", x="fidelity:Q")
        layers = [across, along, *layers]
    return alt.layer(*layers)
