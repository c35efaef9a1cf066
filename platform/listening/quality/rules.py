"""Whom to use and whom to pay, by stated rules. Pure: measures in, findings out; every finding says what it found.

To use a session's votes and to pay for it are two decisions. Use is statistics: answers that are likelier by chance
say nothing of the clips. Pay is fairness: whoever did the work is paid, unless they missed what anybody who plays a
clip cannot miss (crowd platforms call it a fair attention check).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from listening.models import Session
from listening.quality.evidence import Evidence
from listening.quality.measures import Measures, measures

State = Session.State
CHANCE = math.log(3)  # three times likelier by chance than from somebody who listens
SIDE = 0.001  # p of an uneven choice of letters
LEAST_VOTES = 8  # below, habits cannot be told from luck
FLAT = 2.0  # points of 100: marks that vary less say nothing of the clips
ROUNDS = 3

Rules = dict[str, Callable[[Measures], str]]  # what it found, by the rule's name; empty where it found nothing


@dataclass(frozen=True)
class Finding:
    rule: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """Why not to use, why not to pay; nothing found means yes."""

    measures: Measures
    against_use: tuple[Finding, ...]
    against_pay: tuple[Finding, ...]

    @property
    def use(self) -> bool:
        return not self.against_use

    @property
    def pay(self) -> bool:
        return not self.against_pay


def verdicts(crowd: Sequence[Evidence]) -> list[Verdict]:
    """Of every session. Agreement is with those who are used, so it is measured again without the others."""
    found: list[Verdict] = []
    excluded: list[int] = []
    for _ in range(ROUNDS):
        found = [verdict(one) for one in measures(crowd, excluded)]
        now = [one.measures.session for one in found if not one.use]
        if now == excluded:
            break
        excluded = now
    return found


def verdict(one: Measures) -> Verdict:
    return Verdict(one, _found(USE, one), _found(PAY, one))


def _found(rules: Rules, one: Measures) -> tuple[Finding, ...]:
    texts = ((name, rule(one)) for name, rule in rules.items())
    return tuple(Finding(name, text) for name, text in texts if text)


def _by_chance(one: Measures) -> str:
    if one.chance < CHANCE:
        return ""
    checks = one.traps[1] + one.gold[1]
    passed = one.traps[0] + one.gold[0]
    agreed = "" if one.agreement.share is None else f", agrees with others in {one.agreement.share:.0%}"
    return (
        f"Answers are {math.exp(min(one.chance, 20)):,.0f} times likelier by chance than from somebody who listens: "
        f"passed {passed} of {checks} checks{agreed} of {one.agreement.n} comparisons."
    )


def _one_side(one: Measures) -> str:
    if one.votes < LEAST_VOTES or one.side >= SIDE:
        return ""
    return f"Chose {one.favourite.upper()} so often that luck would do it in one of {1 / one.side:,.0f} sessions."


def _one_mark(one: Measures) -> str:
    if one.spread is None or one.votes < LEAST_VOTES or one.spread >= FLAT:
        return ""
    return f"Gave nearly the same mark to everything: marks vary by {one.spread:.1f} points of 100."


def _withdrew(one: Measures) -> str:
    return "Gave the work back to the platform." if one.state == State.RETURNED else ""


def _unfinished(one: Measures) -> str:
    said = {
        State.LEFT: "Left early.",
        State.SCREENED: "Was screened out before the trials.",
        State.RETURNED: "Gave the work back to the platform.",
        State.TIMED_OUT: "Did not finish in time.",
        State.ACTIVE: "Has not finished.",
    }
    return said.get(State(one.state), "")


def _missed_voices(one: Measures) -> str:
    """Only traps, which anybody hears who plays the clip; gold is a matter of ears and loudspeakers."""
    passed, met = one.traps
    failed = met - passed
    if failed < 2 or failed <= passed:
        return ""
    return f"Did not do what a voice in the clip asked for in {failed} of {met} trials."


USE: Rules = {"chance": _by_chance, "side": _one_side, "flat": _one_mark, "returned": _withdrew}
PAY: Rules = {"unfinished": _unfinished, "voices": _missed_voices}
