"""The study judge beside plain CLAP, both on votes of prompts that neither was fitted to."""

from __future__ import annotations

from results.figures.judge import CEILING, CLAP, JUDGE, attainable
from results.opened import Opened
from results.source import ACROSS_FOLDS, VOTES, source
from results.tables.table import Column, Row, Table

COLUMNS = (
    Column("name", "Scorer"),
    Column("correlation", "Correlation", form="number"),
    Column("gain", "Gain", "over CLAP", "number", "gain_interval", toned=True),
    Column("right", "Foretold", "%", "percent"),
    Column("log_loss", "Log loss", "nats", "number"),
    Column("brier", "Brier", form="number"),
    Column("error", "Calibration", "error", "number"),
)


def judge(page: Opened) -> Table:
    found = page.judge
    rows: list[Row] = []
    if found is not None:
        told = found.measured
        gain = {"gain": told["gain"], "gain_interval": told["gain_interval"]}
        rows = [{"name": JUDGE, **told["judge"], **gain}, {"name": CLAP, **told["clap"]}]
        if top := attainable(page):
            rows.append({"name": CEILING, "correlation": top})
    return Table(
        "judge",
        "The judge, measured on prompts that it did not learn from",
        COLUMNS,
        rows,
        note="Correlation: Pearson's, over pairs of clips, of the foretold outcome with the mean of their votes (1, "
        "0, −1). Foretold: of votes with a winner. Log loss and Brier score: of the three answers, a vote; smaller is "
        "better. Plain CLAP has its scale and its ties fitted to the same folds.",
        source=source(page, VOTES, ACROSS_FOLDS, 0) if rows else "",
    )
