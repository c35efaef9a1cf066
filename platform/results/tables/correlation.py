"""How well scores go with what people said."""

from __future__ import annotations

import math

from results.going_together import PAPER, together
from results.opened import Opened
from results.source import OVER_ITEMS, VOTES, source
from results.tables.table import Column, Table


def correlation(page: Opened) -> Table:
    columns = (
        Column("measure", "Score"),
        Column("what", "With"),
        Column("name", "Coefficient"),
        Column("value", "Value", form="number", interval="interval"),
        Column("attainable", "Human ceiling", form="number"),
        Column("n", "Items", form="count"),
    )
    rows = [
        {
            "measure": each.measure.upper() if each.measure == "clap" else each.measure.capitalize(),
            "what": each.what,
            "name": one.name,
            "value": one.value,
            "interval": None if math.isnan(one.low) else [one.low, one.high],
            "attainable": each.attainable,
            "n": one.n,
        }
        for measure in ("clap", "oracle")
        if page.measured.has(measure)
        for each in together(page, measure)
        for one in each.found
    ]
    return Table(
        "correlation",
        "Correlations",
        columns,
        rows,
        note="An item is a prompt and a pair of arms (of ratings: an arm). Human ceiling: the highest Pearson "
        f"correlation that the votes' own reliability allows. The paper reports {PAPER}.",
        source=source(page, VOTES, OVER_ITEMS, 0) if rows else "",
    )
