"""What listeners preferred. People and simulated raters are never counted together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from listening.query import VoteRow
from results.statistics import Estimate, preference_share

Pair = tuple[str, str]
NEITHER = ("tie", "bad")  # half a vote to each arm


def preferences(votes: Iterable[VoteRow], pairs: Sequence[Sequence[str]]) -> list[dict]:
    """A record for each pair of arms and each population that voted on it: people first, pairs in their given order.

    share: of `arm` against `versus`, 0..1, a tie and "both are bad" counting half; interval over raters and prompts.
    """
    grouped: dict[tuple[bool, Pair], list[VoteRow]] = {}
    wanted = [tuple(pair) for pair in pairs]
    for vote in votes:
        grouped.setdefault((vote.simulated, ordered(vote, wanted)), []).append(vote)
    places = sorted(grouped, key=lambda place: (place[0], _rank(place[1], wanted)))
    return [_record(pair, simulated, grouped[simulated, pair]) for simulated, pair in places]


def ordered(vote: VoteRow, wanted: list) -> Pair:
    pair, other = (vote.arm_a, vote.arm_b), (vote.arm_b, vote.arm_a)
    return other if other in wanted else pair


def _rank(pair: Pair, wanted: list) -> tuple[int, Pair]:
    return (wanted.index(pair) if pair in wanted else len(wanted), pair)


def _record(pair: Pair, simulated: bool, votes: list[VoteRow]) -> dict:
    estimate = share_of(pair[0], votes)
    return {
        "arm": pair[0],
        "versus": pair[1],
        "simulated": simulated,
        "share": estimate.value,
        "interval": estimate.interval,
        "votes": len(votes),
        "ties": sum(vote.winner == "tie" for vote in votes),
        "both_bad": sum(vote.winner == "bad" for vote in votes),
        "raters": len({vote.rater for vote in votes}),
        "prompts": len({vote.prompt for vote in votes}),
    }


def share_of(arm: str, votes: list[VoteRow]) -> Estimate:
    """votes: at least one."""
    values = [1.0 if vote.winner == arm else 0.5 if vote.winner in NEITHER else 0.0 for vote in votes]
    raters, prompts = (np.array([getattr(vote, name) for vote in votes]) for name in ("rater", "prompt"))
    estimate = preference_share(raters, prompts, np.array(values))
    if estimate is None:
        raise ValueError("A share needs at least one vote.")
    return estimate
