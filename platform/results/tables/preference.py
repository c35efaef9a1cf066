"""What listeners said: pairs, strengths, ratings."""

from __future__ import annotations

from listening.models import Question
from results.figures import FIGURES
from results.opened import Opened
from results.source import CLUSTERED, OVER_VOTES, RATINGS, VOTES, source
from results.tables.table import Column, Table

WHO = Column("who", "Raters are", tagged="simulated")
COUNTS = (
    Column("votes", "Votes", form="count"),
    Column("raters", "Raters", form="count"),
    Column("prompts", "Prompts", form="count"),
)


def _who(row: dict) -> str:
    return "simulated" if row["simulated"] else "people"


def preference(page: Opened) -> Table:
    columns = (
        Column("arm", "Arm"),
        Column("versus", "Against"),
        Column("share", "Preferred", form="percent", interval="interval"),
        Column("ties", "Ties", form="count"),
        Column("both_bad", "Both bad", form="count", spare=True),
        *COUNTS,
        WHO,
    )
    named = [
        row | {side: page.names.get(row[side], row[side]) for side in ("arm", "versus")} | {"who": _who(row)}
        for row in page.results["preference"]
    ]
    return Table(
        "preference",
        "Preference by pair",
        columns,
        named,
        note="A tie counts half, “both are bad” too. Raters and prompts come back in several votes, so both are "
        "resampled. Simulated raters are counted apart from people.",
        source=source(page, VOTES, OVER_VOTES, 0) if named else "",
    )


def strengths(page: Opened) -> Table:
    columns = (
        Column("arm", "Arm"),
        Column("value", "Strength", "logits", "number", "interval"),
    )
    rows = FIGURES["strengths"].rows(page)
    return Table(
        "strengths",
        "Strengths after Bradley and Terry",
        columns,
        [row | {"interval": [row["low"], row["high"]] if "low" in row else None} for row in rows],
        note="Of all pairs together, ties as in Davidson (1970); the mean strength is zero. A difference of 1 is a "
        "preference of 73% where there are no ties.",
        source=source(page, VOTES, CLUSTERED, 0) if rows else "",
    )


def ratings(page: Opened) -> Table:
    columns = (
        Column("asked", "Question"),
        Column("arm", "Arm"),
        Column("versus", "Against"),
        Column("mean", "Mean", form="rating", interval="interval"),
        *COUNTS,
        WHO,
    )
    rows = [
        row
        | {"asked": str(Question.Kind(row["question"]).label), "who": _who(row)}
        | {side: page.names.get(row[side], row[side] or "") for side in ("arm", "versus")}
        for row in page.results["ratings"]
    ]
    given = sum(row["votes"] for row in rows)
    return Table(
        "ratings",
        "Ratings",
        columns,
        rows,
        note="Means in the unit of each scale.",
        source=source(page, RATINGS, OVER_VOTES, given) if rows else "",
    )
