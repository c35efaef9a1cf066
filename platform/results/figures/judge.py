"""The study judge: its agreement with people by the votes that it learned from, and whether its chances come true."""

from __future__ import annotations

import altair as alt

from results.figures.style import Chart, Row, colour, data, finished, rule, sized
from results.going_together import together
from results.opened import Opened

JUDGE, CLAP, CEILING = "Study judge", "Plain CLAP", "Human ceiling"


def learned_rows(page: Opened) -> list[Row]:
    """After so many votes; plain CLAP, which learns nothing from them, and the human ceiling beside it."""
    judge = page.judge
    points = judge.measured["curve"] if judge else []
    known = [point for point in points if point["value"] is not None]
    if judge is None or len(known) < 2:
        return []
    rows = [{"arm": JUDGE, **point} for point in known]
    ends = {"votes": 0}, {"votes": known[-1]["votes"]}
    flat = {CLAP: judge.measured["clap"]["correlation"], CEILING: attainable(page)}
    return rows + [{"arm": name, "value": value, **end} for name, value in flat.items() if value for end in ends]


def attainable(page: Opened) -> float | None:
    """The highest correlation with these votes' means that their reliability allows."""
    found = together(page)
    return found[0].attainable if found else None


def learned(rows: list[Row], narrow: bool) -> Chart:
    names = list(dict.fromkeys(row["arm"] for row in rows))
    base = alt.Chart(data(rows)).encode(
        x=alt.X("votes:Q", title="Votes learned from", scale=alt.Scale(zero=True)),
        color=colour(names, narrow=narrow),
        tooltip=["arm:N", "votes:Q", alt.Tooltip("value:Q", title="Correlation", format=".3f")],
    )
    drawn = base.transform_filter("isValid(datum.draws)")
    band = drawn.mark_area(opacity=0.15).encode(y="low:Q", y2="high:Q")
    lines = base.mark_line(strokeWidth=2.5).encode(
        y=alt.Y("value:Q", title="Correlation with held-out votes", axis=alt.Axis(grid=True))
    )
    points = drawn.mark_point(filled=True, size=60, opacity=1).encode(y="value:Q")
    return finished(sized(lines + band + points, narrow, 280))


def calibrated_rows(page: Opened) -> list[Row]:
    """Held-out pairs in bins by the foretold chance of the likelier clip, in percent."""
    judge = page.judge
    if judge is None:
        return []
    return [
        {
            "arm": name,
            "foretold": round(100 * one["foretold"], 3),
            "found": round(100 * one["found"], 3),
            "votes": one["votes"],
        }
        for key, name in (("judge", JUDGE), ("clap", CLAP))
        for one in judge.measured["calibration"][key]
    ]


def calibrated(rows: list[Row], narrow: bool) -> Chart:
    names = list(dict.fromkeys(row["arm"] for row in rows))
    ends = [{"foretold": 50, "found": 50}, {"foretold": 100, "found": 100}]
    true = alt.Chart(data(ends)).mark_line(color="#888", strokeDash=[5, 4]).encode(x="foretold:Q", y="found:Q")
    dots = (
        alt.Chart(data(rows))
        .mark_line(point=alt.OverlayMarkDef(size=70, filled=True))
        .encode(
            x=alt.X("foretold:Q", title="Foretold, % for the likelier clip", scale=alt.Scale(domain=[50, 100])),
            y=alt.Y("found:Q", title="Found, % of votes", axis=alt.Axis(grid=True), scale=alt.Scale(zero=False)),
            color=colour(names, narrow=narrow),
            tooltip=["arm:N", "foretold:Q", "found:Q", "votes:Q"],
        )
    )
    return finished(sized(rule(50, vertical=False) + true + dots, narrow, 280))
