"""What a planned listening test could see."""

from __future__ import annotations

import altair as alt

from results.figures.style import Chart, Row, colour, data, finished, rule, sized

TICKS = [step * 10**power for power in range(5) for step in (1, 2, 5)]


def power(rows: list[Row], narrow: bool) -> Chart:
    """Power by votes of a pair, a line a number of prompts."""
    names = list(dict.fromkeys(row["arm"] for row in rows))
    base = alt.Chart(data(rows)).encode(
        x=alt.X(
            "votes:Q",
            title="Votes of a pair",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(format=",d", values=TICKS),
        ),
        y=alt.Y("power:Q", title="Power, %", scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(grid=True)),
        color=colour(names, narrow=narrow),
        tooltip=[
            alt.Tooltip("arm:N", title=" "),
            alt.Tooltip("a_trial:Q", title="Votes a trial"),
            alt.Tooltip("votes:Q", title="Votes of a pair", format=","),
            alt.Tooltip("power:Q", title="Power, %", format=".0f"),
        ],
    )
    lines = base.mark_line(strokeWidth=2)
    return finished(sized(rule(80, vertical=False) + lines + base.mark_point(filled=True, size=50), narrow, 300))
