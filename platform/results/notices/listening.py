"""Signs in votes: a score that rose and ears that did not follow, too few votes, whose votes they are."""

from __future__ import annotations

import math
from collections.abc import Iterator

from results.notices.notice import Notice, Row, gains, names_of, notice
from results.statistics import votes_needed
from results.templatetags.numbers import range100

FLAT = 0.6  # a preference below it is small; ours
MANY = 10_000
Z = 1.96


def not_followed(results: Row) -> Iterator[Notice]:
    """CLAP says better, and listeners had votes enough to say so and did not."""
    names = names_of(results)
    risen = {row["arm"]: row for row in gains(results) if row["interval"][0] > 0}
    for row in results["preference"]:
        gain = risen.get(row["arm"])
        if gain is None or row["versus"] != gain["versus"] or not row["interval"]:
            continue
        low, high = row["interval"]
        if low > 0.5 or high >= FLAT:
            continue
        said = "prefer the original" if high < 0.5 else "hear no difference worth the name"
        who = "simulated raters" if row["simulated"] else "listeners"
        yield notice(
            "clap-alone",
            "warning",
            f"{names[row['arm']]}: CLAP rose, and {who} {said}",
            f"Preferred by {row['share']:.0%} ({range100(row['interval'])} %) of {row['votes']:,} votes. The score "
            "was won and people were not: do not claim that they prefer it. See the correlation tab for how far CLAP "
            "follows people here, hear the greatest gains among the examples, and judge by another scorer.",
        )


def few_votes(results: Row) -> Iterator[Notice]:
    names = names_of(results)
    for row in results["preference"]:
        needed = wanted(row)
        if row["simulated"] or (needed is not None and row["votes"] >= needed):
            continue
        said = f"about {needed:,}" if needed is not None and needed <= MANY else f"more than {MANY:,}"
        yield notice(
            "few-votes",
            "note",
            f"{names.get(row['arm'], row['arm'])} vs {names.get(row['versus'], row['versus'])}: too few votes to claim "
            f"a preference, {row['votes']:,} of {said}",
            f"{row['votes']:,} votes. A preference of {row['share']:.0%} needs {said} to be told from chance "
            "(α .05, power .8; raters and prompts come back, so that votes weigh less than they count). "
            "Invite more raters before you claim it.",
        )


def wanted(row: Row) -> int | None:
    """Votes that would tell a pair's share from one half, at the weight that its votes have; None near one half."""
    share = row["share"]
    if abs(share - 0.5) < 0.01:
        return None
    return math.ceil(votes_needed(share) * design_effect(row))


def design_effect(row: Row) -> float:
    """How many clustered votes are worth one independent one, by the width of the pair's interval; at least 1."""
    share, naive = row["share"], row["share"] * (1 - row["share"]) / row["votes"]
    if not row["interval"] or not naive:
        return 1.0
    reach = (row["interval"][1] - row["interval"][0]) / 2
    # At the ends of the scale the interval is cut off: it can only make votes seem worth more.
    return max(1.0, (reach / Z) ** 2 / naive) if 0 < share < 1 else 1.0


def simulated(results: Row) -> Iterator[Notice]:
    if any(row["simulated"] for row in results["preference"]):
        yield notice(
            "simulated-votes",
            "note",
            "Simulated raters have voted",
            "Programs that vote by the sandbox's ground truth. They show that the path works and what a listening "
            "test could see; they say nothing about people: invite some before you claim a preference.",
        )


def excluded(results: Row) -> Iterator[Notice]:
    sessions = results["sessions_excluded"]
    if sessions:
        yield notice(
            "excluded",
            "note",
            f"{sessions} session{'s' if sessions > 1 else ''} of raters not used",
            "Their votes are in no figure here and their places were given to others. Who was excluded, by which rule "
            "or by whom, is written down with the listening test's raters; each can be taken back there.",
        )
