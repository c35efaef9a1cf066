"""Sessions of raters, under their pseudonyms."""

from __future__ import annotations

from dataclasses import asdict

from results.opened import Opened
from results.people import lines
from results.source import NO_INTERVAL, SESSIONS, source
from results.tables.table import Column, Table


def raters(page: Opened) -> Table:
    columns = (
        Column("name", "Rater"),
        Column("state", "State"),
        Column("votes", "Votes", form="count"),
        Column("agrees", "Agrees", form="percent"),
        Column("seconds", "Seconds", "median", "plain"),
        Column("used_shown", "Used"),
        Column("why", "Why not"),
        Column("by", "By"),
    )
    rows = [asdict(line) | {"used_shown": "yes" if line.used else "no"} for line in lines(page)]
    return Table(
        "raters",
        "Sessions",
        columns,
        rows,
        note="Pseudonyms hold within this study alone. Agrees: share of comparisons that go with most others.",
        source=source(page, SESSIONS, NO_INTERVAL, len(rows)),
    )
