"""Raters: how far each agrees with the others, and how long they take."""

from __future__ import annotations

import altair as alt

from results.figures.style import SOFT, Chart, Row, data, finished, rule, sized
from results.opened import Opened
from results.people import lines


def agreement_rows(page: Opened) -> list[Row]:
    return [
        {
            "rater": line.name,
            "agrees": round(100 * line.agrees, 2),
            "seconds": line.seconds,
            "votes": line.votes,
            "used": "used" if line.used else "not used",
        }
        for line in lines(page)
        if line.agrees is not None and line.seconds is not None
    ]


def agreement(rows: list[Row], narrow: bool) -> Chart:
    """One session a dot."""
    agrees = alt.Scale(domain=[0, 100])
    dots = (
        alt.Chart(data(rows))
        .mark_circle(opacity=0.7)
        .encode(
            x=alt.X("seconds:Q", title="Median seconds an answer", scale=alt.Scale(zero=True)),
            y=alt.Y("agrees:Q", title="Agrees with others, %", scale=agrees, axis=alt.Axis(grid=True)),
            size=alt.Size("votes:Q", scale=alt.Scale(range=[40, 260]), legend=None),
            color=alt.Color(
                "used:N",
                scale=alt.Scale(domain=["used", "not used"], range=["#0b6b6b", SOFT]),
                title=None,
                legend=alt.Legend(orient="top"),
            ),
            tooltip=["rater:N", "votes:Q", alt.Tooltip("agrees:Q", format=".0f"), "seconds:Q", "used:N"],
        )
    )
    return finished(sized(rule(50, vertical=False) + dots, narrow, 280))
