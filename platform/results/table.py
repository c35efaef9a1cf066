"""Results in the terminal."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table
from rich.text import Text


def render_table(results: dict[str, Any]) -> Table:
    """Arms, their contrasts and preferences, one under the other. CLAP, oracle and differences are shown ×100."""
    page = Table.grid(padding=(1, 0))
    page.title = f"{escape(results['name'])} ({results['status']})"
    page.add_row(_arms(results["arms"]))
    if results["contrasts"]:
        page.add_row(_contrasts(results["contrasts"], _names(results)))
    if results["preference"]:
        page.add_row(_preference(results["preference"], _names(results)))
    if results["ratings"]:
        page.add_row(_ratings(results["ratings"], _names(results)))
    for notice in results["notices"]:
        style = "yellow" if notice["level"] == "warning" else "dim"
        page.add_row(Text.assemble((notice["title"], "bold"), ". ", notice["text"], style=style))
    return page


def _names(results: dict[str, Any]) -> dict[str, str]:
    return {arm["arm"]: escape(arm["name"]) for arm in results["arms"]}


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for i, column in enumerate(columns):
        # The name of a row may wrap but never vanish, whatever the figures take.
        table.add_column(column, justify="left" if i == 0 else "right", no_wrap=i > 0, min_width=18 if i == 0 else None)
    return table


def _arms(arms: list[dict]) -> Table:
    table = _table("Arms", "", "prompts", "clips", "CLAP", "95%", "oracle", "BLEU", "chrF", "kept")
    for arm in arms:
        table.add_row(
            escape(arm["name"]),
            str(arm["prompts"]),
            str(arm["clips"]),
            _times100(arm["clap"]),
            _interval(arm["clap_interval"]),
            _times100(arm["oracle"]),
            _plain(arm["bleu"]),
            _plain(arm["chrf"]),
            "–" if arm["kept_terms"] is None else f"{arm['kept_terms']:.0%}",
        )
    return table


def _contrasts(contrasts: list[dict], names: dict[str, str]) -> Table:
    """One row a pair of arms; what its measures say side by side. Fits 80 columns: p values are on the page."""
    measures = list(dict.fromkeys(row["measure"] for row in contrasts))
    heads = [head for measure in measures for head in (f"Δ {_label(measure)}", "95%")]
    table = _table("Differences on the same prompts", "", *heads)
    for arm, versus in dict.fromkeys((row["arm"], row["versus"]) for row in contrasts):
        rows = [row for row in contrasts if (row["arm"], row["versus"]) == (arm, versus)]
        cells = [cell for row in rows for cell in _difference(row)]
        table.add_row(f"{names[arm]} − {names[versus]}", *cells)
    return table


def _difference(row: dict) -> tuple[Text, str]:
    sure = row["interval"] and not row["interval"][0] <= 0 <= row["interval"][1]
    style = ("green" if row["difference"] > 0 else "red") if sure else ""
    return Text(_times100(row["difference"], "+"), style), _interval(row["interval"], "+")


def _preference(preference: list[dict], names: dict[str, str]) -> Table:
    table = _table("Preference", "", "raters", "votes", "ties", "preferred", "95%")
    for row in preference:
        table.add_row(
            f"{names[row['arm']]} over {names[row['versus']]}",
            f"{row['raters']} {'simulated' if row['simulated'] else 'people'}",
            str(row["votes"]),
            str(row["ties"]),
            f"{row['share']:.0%}",
            _interval(row["interval"]),
        )
    return table


def _ratings(ratings: list[dict], names: dict[str, str]) -> Table:
    table = _table("Ratings", "", "raters", "votes", "mean", "95%")
    for row in ratings:
        ends = row["interval"]
        table.add_row(
            row["question"],
            names[row["arm"]] + (f" over {names[row['versus']]}" if row["versus"] else ""),
            f"{row['raters']} {'simulated' if row['simulated'] else 'people'}",
            str(row["votes"]),
            f"{row['mean']:.2f}",
            "–" if ends is None else "…".join(f"{end:.2f}" for end in ends),
        )
    return table


def _label(measure: str) -> str:
    return "CLAP" if measure == "clap" else measure


def _times100(value: float | None, sign: str = "") -> str:
    return "–" if value is None else f"{100 * value:{sign}.1f}"


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _interval(interval: list[float] | None, sign: str = "") -> str:
    return "–" if interval is None else "…".join(_times100(end, sign) for end in interval)
