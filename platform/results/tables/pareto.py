"""The trade-off of alignment and fidelity as a table: each arm and each epoch, and which of them no other one beats."""

from __future__ import annotations

from results.figures.fidelity import LABELS
from results.figures.pareto import ABOVE
from results.opened import Opened
from results.source import OVER_PROMPTS, source
from results.tables.table import Column, Row, Table
from results.trade_off import Point, points

STANDS = {(True, True): "knee", (True, False): "on the front"}


def pareto(page: Opened) -> Table:
    columns = (
        Column("name", "Arm or epoch", aside="of"),
        Column("measure", "Fidelity by"),
        Column("fidelity", "Fidelity", "%", "percent", "fidelity_interval"),
        Column("clap", "CLAP", "×100", "times100", "clap_interval"),
        Column("stands", "Stands", tagged="stands"),
    )
    rows = [_row(point) for point in points(page)]
    return Table(
        "pareto",
        "Alignment against fidelity",
        columns,
        rows,
        note="On the front stands what no other arm, or no other epoch, beats in both. The knee is furthest beyond the "
        "line between the ends of the front: past it, alignment costs more than it has so far. Epochs are measured on "
        "validation prompts by the scorer that taught, arms by the one that judges, so the two are not compared.",
        source=source(page, "arms and epochs", OVER_PROMPTS, len(rows)),
    )


def _row(point: Point) -> Row:
    return point._asdict() | {
        "name": point.name,
        "of": ABOVE[point.of],
        "measure": LABELS[point.measure].partition(",")[0].removesuffix(" ×100"),
        "stands": STANDS.get((point.front, point.knee), ""),
    }
