"""What may be answered to each kind of question, and what an answer says of each clip. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from listening.errors import BadChoice
from listening.models import Question, Vote

Kind, Choice = Question.Kind, Vote.Choice
CMOS_STEPS, SCALE = 3, 100


@dataclass(frozen=True)
class Answer:
    """choice: the letter that won, or why none did. values: by letter, in the unit of the question."""

    choice: str
    values: dict[str, float]


def parse(question: Question, letters: Sequence[str], given: Mapping[str, str]) -> Answer:
    """The answer of a form. letters: of the clips on the page, from a on. Raises BadChoice."""
    match question.kind:
        case Kind.PREFERENCE:
            return _preference(question, given.get("choice", ""))
        case Kind.CMOS:
            return _comparison(_number(given.get("value", ""), -CMOS_STEPS, CMOS_STEPS))
        case Kind.BEST_WORST:
            return _best_worst(letters, given.get("best", ""), given.get("worst", ""))
    return Answer(Choice.RATED, {one: _number(given.get(f"value_{one}", ""), 0, SCALE) for one in letters})


def _preference(question: Question, choice: str) -> Answer:
    worth = {"a": (1.0, 0.0), "b": (0.0, 1.0)}
    if question.ties:
        worth["tie"] = (0.5, 0.5)
    if question.both_bad:
        worth["bad"] = (0.0, 0.0)
    if choice not in worth:
        raise BadChoice
    return Answer(choice, dict(zip("ab", worth[choice], strict=True)))


def _comparison(step: float) -> Answer:
    """step: how much better B is than A, −3 … 3 (ITU-T P.800, annex E)."""
    return Answer("b" if step > 0 else "a" if step < 0 else Choice.TIE, {"a": -step, "b": step})


def _best_worst(letters: Sequence[str], best: str, worst: str) -> Answer:
    if best == worst or not {best, worst} <= set(letters):
        raise BadChoice
    return Answer(best, {one: float(one == best) - float(one == worst) for one in letters})


def _number(text: str, low: int, high: int) -> float:
    """A whole number in the range."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 4) or not low <= int(text) <= high:
        raise BadChoice
    return float(int(text))
