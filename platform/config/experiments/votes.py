"""What simulated raters said in all seeds together: each seed has raters of its own, who meet the same prompts."""

from __future__ import annotations

from collections.abc import Sequence

from config.experiments.experiment import Claim, Run
from results.preference import share_of
from results.statistics import Estimate
from results.tables.table import Column, Row, Table

COLUMNS = (
    Column("arm", "Arm"),
    Column("versus", "Against"),
    Column("share", "Preferred", "%", "percent", "interval"),
    Column("votes", "Votes", form="count"),
)


def share(runs: Sequence[Run], arm: str, versus: str) -> Estimate | None:
    """Of votes for the arm, a tie counting half; None without votes on the pair."""
    cast = [vote for run in runs for vote in run.page.votes if {vote.arm_a, vote.arm_b} == {arm, versus}]
    return share_of(arm, cast) if cast else None


def preferred(text: str, runs: Sequence[Run], arm: str, versus: str) -> list[Claim]:
    """That more than half of the votes are for the arm; nothing where nobody voted."""
    found = share(runs, arm, versus)
    if found is None:
        return []
    held = True if found.low > 0.5 else False if found.high < 0.5 else None
    numbers = f"{found.value:.0%} [{found.low:.0%}, {found.high:.0%}] of {found.n:,} votes of simulated raters"
    return [Claim(text, held, numbers)]


def table(runs: Sequence[Run]) -> list[Table]:
    """Every pair that was heard; none without votes."""
    names = runs[0].page.names
    rows: list[Row] = [
        {"arm": names[a], "versus": names[b], "share": found.value, "interval": found.interval, "votes": found.n}
        for a, b in runs[0].page.study.listening_pairs
        if (found := share(runs, a, b))
    ]
    told = "Share of votes, a tie counting half; 95% intervals over raters and prompts. Raters are programs that "
    told += "answer by the sandbox's ground truth."
    return [Table("preference", "Preference", COLUMNS, rows, note=told)] if rows else []
