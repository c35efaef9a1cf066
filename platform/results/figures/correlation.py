"""Scores against what people said."""

from __future__ import annotations

import altair as alt

from results.figures.style import SOFT, Chart, Row, apart, data, finished, interval_panel, rule, sized
from results.going_together import PAPER, together
from results.opened import Opened

WHAT = {
    "preference": "preference",
    "relevance": "relevance",
    "quality": "quality",
    "mushra": "multi-stimulus rating",
    "best_worst": "best and worst",
}


def scatter_rows(page: Opened) -> list[Row]:
    return [item | {"what": each.what} for each in together(page)[:1] for item in each.items]


def scatter(rows: list[Row], narrow: bool) -> Chart:
    """One prompt and pair a dot: right of zero CLAP likes the one arm better, above 50 % people do."""
    names = list(dict.fromkeys(row["arm"] for row in rows))
    pairs = rows[0]["what"] == "preference"
    x = "Difference in CLAP ×100" if pairs else "CLAP ×100"
    y = "Preferred, % of votes" if pairs else f"Mean {WHAT.get(rows[0]['what'], rows[0]['what'])}"
    scale = alt.Scale(domain=[0, 100]) if pairs else alt.Scale(zero=False)
    picked = alt.selection_point(fields=["arm"], bind="legend")
    base = alt.Chart(data(rows))
    dots = (
        base.mark_point(filled=True)
        .encode(
            x=alt.X("x:Q", title=x, scale=alt.Scale(zero=False)),
            y=alt.Y("y:Q", title=y, axis=alt.Axis(grid=True), scale=scale),
            size=alt.Size("votes:Q", scale=alt.Scale(range=[30, 160]), legend=None),
            **apart(names, narrow=narrow),
            opacity=alt.condition(picked, alt.value(0.6), alt.value(0.05)),
            tooltip=["prompt:N", "arm:N", alt.Tooltip("x:Q", title=x), alt.Tooltip("y:Q", title=y), "votes:Q"],
        )
        .add_params(picked)
    )
    line = (
        base.transform_regression("x", "y").mark_line(color=SOFT, strokeDash=[5, 4], clip=True).encode(x="x:Q", y="y:Q")
    )
    lines = (rule() + rule(50, vertical=False)) if pairs else None
    return finished(sized((lines + line + dots) if lines else (line + dots), narrow, 320))


def coefficients_rows(page: Opened) -> list[Row]:
    """Each coefficient with its interval, the highest that could be reached, and the paper's."""
    rows: list[Row] = []
    for each in together(page)[:1]:
        rows += [
            {"arm": one.name, "value": one.value, "low": one.low, "high": one.high, "n": one.n, "first": False}
            for one in each.found
        ]
        if rows and each.attainable is not None:
            rows.append({"arm": "Human ceiling", "value": each.attainable, "n": each.ceiling.n, "first": True})
        if rows and each.what == "preference":
            rows.append({"arm": "CLAP in the paper", "value": PAPER, "first": True})
    return rows


def coefficients(rows: list[Row], narrow: bool) -> Chart:
    panel = interval_panel(rows, "Correlation of CLAP with people", domain=[min(-0.2, *_lows(rows)), 1])
    return finished((rule() + panel).properties(width=220 if narrow else 460, height=alt.Step(34)))


def _lows(rows: list[Row]) -> list[float]:
    return [row["low"] if "low" in row else row["value"] for row in rows]
