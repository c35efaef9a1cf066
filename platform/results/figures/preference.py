"""What listeners preferred: shares, who beat whom, strengths, and how the answer settled."""

from __future__ import annotations

import altair as alt

from results.figures.style import (
    ACCENT,
    SURFACE,
    Chart,
    Row,
    arms,
    colour,
    data,
    ends,
    finished,
    interval_panel,
    rule,
    sized,
)
from results.opened import Opened
from results.voting import Voting

ON_PALE = "#1c2025"  # the middle of the scale is pale on dark pages too, so that its ink does not turn


def preference_rows(page: Opened) -> list[Row]:
    return [
        {
            "arm": f"{page.names[row['arm']]}\nover {page.names[row['versus']]}"
            + (" (simulated)" if row["simulated"] else ""),
            "value": 100 * row["share"],
            "n": row["votes"],
            "first": row["simulated"],
        }
        | ends(row)
        for row in page.results["preference"]
    ]


def preference(rows: list[Row], narrow: bool) -> Chart:
    """Share of votes for the first of each pair, with its 95 % interval over raters and prompts."""
    panel = interval_panel(rows, "Preferred, % of votes", domain=[0, 100])
    return finished((rule(50) + panel).properties(width=200 if narrow else 460, height=alt.Step(46)))


def wins_rows(page: Opened) -> list[Row]:
    """Share of votes for `arm` against `versus`, both ways, a tie counting half."""
    return Voting(page).wins()


def wins(rows: list[Row], narrow: bool) -> Chart:
    names = list(dict.fromkeys(row["arm"] for row in rows))
    base = alt.Chart(data(rows)).encode(
        x=alt.X("versus:N", sort=names, title="against", axis=alt.Axis(labelAngle=-30, orient="top", labelLimit=260)),
        y=arms(names),
        tooltip=["arm:N", "versus:N", alt.Tooltip("share:Q", format=".1f"), "votes:Q", "ties:Q"],
    )
    scale = alt.Scale(domain=[0, 50, 100], range=["#d55e00", "#f4f2ec", ACCENT])
    cells = base.mark_rect().encode(color=alt.Color("share:Q", scale=scale, title="% of votes"))
    white = alt.expr.abs(alt.datum.share - 50) > 28
    texts = base.mark_text(fontSize=13).encode(
        text=alt.Text("share:Q", format=".0f"), color=alt.condition(white, alt.value(SURFACE), alt.value(ON_PALE))
    )
    step = alt.Step(48 if narrow else 74)
    return finished((cells + texts).properties(width=step, height=alt.Step(38)))


def strengths_rows(page: Opened) -> list[Row]:
    """Log-strengths of arms after Bradley–Terry with ties, which sum to zero."""
    return Voting(page).strengths_rows()


def strengths(rows: list[Row], narrow: bool) -> Chart:
    panel = interval_panel(rows, "Strength (log-odds scale, mean of arms at 0)")
    return finished((rule() + panel).properties(width=220 if narrow else 460, height=alt.Step(36)))


def course_rows(page: Opened) -> list[Row]:
    return Voting(page).course_rows()


def arrivals_rows(page: Opened) -> list[Row]:
    return Voting(page).arrivals_rows()


def arrivals(rows: list[Row], narrow: bool) -> Chart:
    names = list(dict.fromkeys(row["arm"] for row in rows))
    tooltip = ["arm:N", alt.Tooltip("at:T", title="Until", format="%-d %b %Y, %H:%M"), "votes:Q"]
    lines = alt.Chart(data(rows)).mark_line(interpolate="step-after", strokeWidth=2)
    votes = alt.Y("votes:Q", title="Votes", axis=alt.Axis(grid=True))
    return finished(
        sized(
            lines.encode(x=alt.X("at:T", title=None), y=votes, color=colour(names, narrow=narrow), tooltip=tooltip),
            narrow,
            220,
        )
    )


def course(rows: list[Row], narrow: bool) -> Chart:
    """Share of the first of each pair after so many votes, with its interval; below, the interval's width."""
    names = list(dict.fromkeys(row["arm"] for row in rows))
    base = alt.Chart(data(rows)).encode(x=alt.X("votes:Q", title="Votes"), color=colour(names, narrow=narrow))
    band = base.mark_area(opacity=0.14).encode(
        y=alt.Y("low:Q", title="Preferred, %", scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(grid=True)), y2="high:Q"
    )
    tooltip = ["arm:N", "votes:Q", *(alt.Tooltip(f"{name}:Q", format=".1f") for name in ("share", "low", "high"))]
    line = base.mark_line(strokeWidth=2).encode(y="share:Q", tooltip=tooltip)
    widths = base.mark_line(strokeWidth=2).encode(
        y=alt.Y("width:Q", title="Interval width, points", scale=alt.Scale(zero=True), axis=alt.Axis(grid=True)),
        tooltip=["arm:N", "votes:Q", alt.Tooltip("width:Q", format=".1f")],
    )
    above = sized(rule(50, vertical=False) + band + line, narrow, 260)
    return finished(alt.vconcat(above, sized(widths, narrow, 160)))
