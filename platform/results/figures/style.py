"""What all figures share: colours, fonts, intervals. Pure: numbers in, a Vega-Lite specification out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

# The light colours of static/tokens.css; `drawing` and figures.js turn them for dark pages.
SURFACE, INK, SOFT, LINE, ACCENT = "#ffffff", "#1d2126", "#565d66", "#e2dfd8", "#0b6b6b"
# One colour an arm where arms lie in one plot: Okabe and Ito's, told apart by most who see colours differently.
ARMS = ["#565d66", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a6d00"]
SHAPES, DASHES = ("circle", "triangle-up", "square"), ([1, 0], [6, 3], [2, 2])  # where arms' colours come round again
TITLES = {"clap": "CLAP ×100", "oracle": "Oracle relevance ×100"}
MEASURES = ("clap", "oracle")
Row = dict[str, Any]
Chart = alt.TopLevelMixin


def ends(row: Row, measure: str = "", times: float = 100) -> dict[str, float]:
    """low and high of a record's interval, nothing where it has none."""
    interval = row[f"{measure}_interval" if measure else "interval"]
    return {} if interval is None else {"low": times * interval[0], "high": times * interval[1]}


def folded(text: str, width: int) -> list[str]:
    """Lines of at most so many characters; a longer word has one of its own."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


class Rows(alt.InlineData):
    """Numbers are never changed once a chart has them: Altair copies and checks every one of them at each step else."""

    _class_is_valid_at_instantiation = False

    def __deepcopy__(self, memo: Any) -> Rows:
        return self


def data(rows: list[Row]) -> Rows:
    return Rows(values=rows)


def interval_panel(
    rows: list[Row],
    title: str,
    *,
    labels: bool = True,
    domain: list[float] | None = None,
    zero: bool = False,
    letters: int = 80,
) -> alt.LayerChart:
    """rows: arm, value, low, high in the unit of the title; `first` ones are drawn hollow.

    letters: for how many there is room under the panel; a longer title has several lines.
    """
    lines = folded(title, letters)
    scale = alt.Scale(zero=zero, nice=True) if domain is None else alt.Scale(domain=domain)
    known = {name for name in ("low", "high", "n") if all(name in row for row in rows)}  # else it would say NaN
    told = {
        "low": alt.Tooltip("low:Q", title="from", format=".2f"),
        "high": alt.Tooltip("high:Q", title="to", format=".2f"),
        "n": alt.Tooltip("n:Q", title="n"),
    }
    tooltip = [alt.Tooltip("arm:N", title="Arm"), alt.Tooltip("value:Q", title=title, format=".2f")]
    base = alt.Chart(data(rows)).encode(
        y=arms([row["arm"] for row in rows], labels),
        tooltip=tooltip + [one for name, one in told.items() if name in known],
    )
    bars = base.mark_rule(strokeWidth=2.5, color=ACCENT, strokeCap="round").encode(
        x=alt.X("low:Q", title=lines, scale=scale), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=90, opacity=1, stroke=ACCENT, strokeWidth=2.5).encode(
        x=alt.X("value:Q", title=lines, scale=scale),
        fill=alt.condition("datum.first", alt.value(SURFACE), alt.value(ACCENT)),
    )
    return bars + points


def rule(at: float = 0, *, vertical: bool = True) -> alt.Chart:
    """A dashed line at a value of the x axis, or of the y axis."""
    marked = alt.Chart(data([{"at": at}])).mark_rule(color=SOFT, strokeDash=[3, 3])
    return marked.encode(x="at:Q") if vertical else marked.encode(y="at:Q")


def arms(names: list[str], labels: bool = True) -> alt.Y:
    """The axis of arms, in the study's order. Room is kept for the widest system font: nobody's is known here."""
    longest = max((len(line) for name in names for line in name.split("\n")), default=0)
    axis = alt.Axis(labelExpr="split(datum.label, '\\n')", labelLimit=400, minExtent=round(8.4 * longest) + 12)
    return alt.Y("arm:N", sort=names, title=None, axis=axis if labels else alt.Axis(labels=False))


def colour(names: list[str], title: str | None = None, *, narrow: bool = False) -> alt.Color:
    """A colour an arm, the legend above and in the study's order."""
    scale = alt.Scale(domain=names, range=[ARMS[i % len(ARMS)] for i in range(len(names))])
    return alt.Color("arm:N", scale=scale, sort=names, title=title, legend=_legend(names, narrow))


def apart(names: list[str], *, lines: bool = False, narrow: bool = False) -> dict[str, Any]:
    """The channels of points or lines that tell arms apart: colours, and where those come round again, shapes or
    dashes. Points must be of `mark_point(filled=True)`, for circles have no shape."""
    if len(names) <= len(ARMS):
        return {"color": colour(names, narrow=narrow)}
    kinds: Sequence[Any] = DASHES if lines else SHAPES
    scale = alt.Scale(domain=names, range=[kinds[i // len(ARMS) % len(kinds)] for i in range(len(names))])
    name, channel = ("strokeDash", alt.StrokeDash) if lines else ("shape", alt.Shape)
    legend = _legend(names, narrow, **({"symbolType": "stroke", "symbolSize": 400} if lines else {}))
    told = channel("arm:N", scale=scale, sort=names, title=None, legend=legend)
    return {"color": colour(names, narrow=narrow), name: told}


def _legend(names: list[str], narrow: bool, **more: Any) -> alt.Legend:
    """As many columns as the figure has room for, in the widest system font: nobody's is known here."""
    longest, width = max(map(len, names), default=0), 300 if narrow else 640
    columns = min(3, max(1, int(width / (8.4 * longest + 34))))
    padding = 10 + round(1.2 * longest)
    return alt.Legend(orient="top", columns=columns, labelLimit=0, columnPadding=padding, **more)


def beside(panels: list, narrow: bool) -> Chart:
    width = 210 if narrow else 340
    panels = [panel.properties(width=width, height=alt.Step(38)) for panel in panels]
    return finished(alt.vconcat(*panels) if narrow else alt.hconcat(*panels, spacing=36))


def sized(chart, narrow: bool, height: int = 300):
    return chart.properties(width=250 if narrow else 640, height=height)


def finished(chart) -> Chart:
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
        .configure_legend(labelColor=INK, titleColor=SOFT, labelFontSize=13, titleFontSize=13, symbolType="circle")
        .configure_title(color=INK, fontSize=13, anchor="start")
        .configure_axisY(grid=False, ticks=False, domain=False, labelPadding=10)
        .configure_axisX(
            tickCount=5, domain=False, titlePadding=10, labelOverlap=True, labelFlush=False, labelSeparation=6
        )
    )
