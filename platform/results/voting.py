"""Votes of a study as the measures read them: arms and outcomes as numbers, pairs in the order of the study."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from listening.query import VoteRow
from results.measures import bradley_terry
from results.measures.bradley_terry import FIRST, SECOND, TIE, NotConnected, Strengths
from results.measures.course import course
from results.opened import Opened
from results.preference import ordered

Row = dict[str, Any]
DRAWN = 120  # points of one pair over time


def why_no_strengths(page: Opened) -> str:
    return page.kept("why no strengths", str, lambda: Voting(page).why_no_strengths()) if page.crowd.votes else ""


class Voting:
    """Preferences of people where there are any, else of simulated raters."""

    def __init__(self, page: Opened) -> None:
        self.page = page

    @property
    def votes(self) -> list[VoteRow]:
        return self.page.votes

    @cached_property
    def keys(self) -> list[str]:
        """Arms that were heard, in the study's order."""
        heard = {arm for vote in self.votes for arm in (vote.arm_a, vote.arm_b)}
        return [arm.key for arm in self.page.arms if arm.key in heard]

    @cached_property
    def columns(self) -> tuple[np.ndarray, ...]:
        """first, second, outcome, rater, prompt; each [votes]."""
        at = {key: place for place, key in enumerate(self.keys)}
        rows = [(at[v.arm_a], at[v.arm_b], _outcome(v), v.rater, v.prompt) for v in self.votes]
        return tuple(np.array(rows, int).reshape(-1, 5).T)

    @cached_property
    def strengths(self) -> Strengths | None:
        """None without two arms. Raises NotConnected where comparisons fall apart."""
        if len(self.keys) < 2:
            return None
        first, second, outcome, rater, prompt = self.columns
        return bradley_terry.strengths(first, second, outcome, rater, prompt, len(self.keys))

    def why_no_strengths(self) -> str:
        try:
            found = self.strengths
        except NotConnected as apart:
            groups = "; ".join(" and ".join(self._name(at) for at in group) for group in apart.groups)
            return f"Some arms were never compared, even by way of others: {groups}. Let raters hear a pair that joins."
        if found is None:
            return "Nobody has voted yet."
        if not found.bounded:
            return "Some arm has only won or only lost: its strength has no bound, and is held by half a vote each way."
        return ""

    def _name(self, at: int) -> str:
        return self.page.names[self.keys[at]]

    def strengths_rows(self) -> list[Row]:
        try:
            found = self.strengths
        except NotConnected:
            return []
        if found is None:
            return []
        return [
            {"arm": self._name(at), "value": _number(found.value[at]), "first": key in self.page.originals}
            | ({} if np.isnan(found.low[at]) else {"low": _number(found.low[at]), "high": _number(found.high[at])})
            for at, key in enumerate(self.keys)
        ]

    def wins(self) -> list[Row]:
        if not self.votes:
            return []
        first, second, outcome, _, _ = self.columns
        wins, ties = bradley_terry.counts(first, second, outcome, len(self.keys))
        met = wins + wins.T + ties
        return [
            {
                "arm": self._name(i),
                "versus": self._name(j),
                "share": round(100 * float((wins[i, j] + ties[i, j] / 2) / met[i, j]), 3),
                "votes": int(met[i, j]),
                "ties": int(ties[i, j]),
            }
            for i, j in zip(*np.nonzero(met), strict=True)
        ]

    @cached_property
    def pairs(self) -> dict[tuple[str, str], list[VoteRow]]:
        """Votes by pair of arms, oldest first."""
        pairs: dict[tuple[str, str], list[VoteRow]] = {}
        wanted = [tuple(pair) for pair in self.page.study.listening_pairs]
        for vote in self.votes:
            pairs.setdefault(ordered(vote, wanted), []).append(vote)
        return pairs

    def _pair(self, pair: tuple[str, str]) -> str:
        return f"{self.page.names[pair[0]]} over {self.page.names[pair[1]]}"

    def arrivals_rows(self) -> list[Row]:
        """Of each pair, how many votes there were by when."""
        return [
            {"arm": self._pair(pair), "at": votes[at].created_at.isoformat(timespec="seconds"), "votes": int(at) + 1}
            for pair, votes in self.pairs.items()
            for at in np.unique(np.linspace(0, len(votes) - 1, DRAWN).round().astype(int))
        ]

    def course_rows(self) -> list[Row]:
        """Of each pair, after so many votes; in percent."""
        return [row for pair, votes in self.pairs.items() for row in self._course(pair, votes)]

    def _course(self, pair: tuple[str, str], votes: list[VoteRow]) -> list[Row]:
        name = self._pair(pair)
        values = np.array([1.0 if v.winner == pair[0] else 0.0 if v.winner == pair[1] else 0.5 for v in votes])
        raters, prompts = (np.array([getattr(vote, key) for vote in votes]) for key in ("rater", "prompt"))
        return [
            {
                "arm": name,
                "votes": point.votes,
                "at": votes[point.votes - 1].created_at.isoformat(timespec="seconds"),
                **{each: round(100 * float(getattr(point, each)), 3) for each in ("share", "low", "high", "width")},
            }
            for point in course(raters, prompts, values)
        ]


def _outcome(vote: VoteRow) -> int:
    """Both are bad: neither is preferred."""
    return FIRST if vote.winner == vote.arm_a else SECOND if vote.winner == vote.arm_b else TIE


def _number(value: float) -> float:
    return round(float(value), 6)
