"""Questions before the test: what a researcher may write, what a rater sees, who may go on.

One question: {"question": "Do you hear well?", "options": ["Yes", "No"], "accepted": ["Yes"]}.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

KEYS = {"question", "options", "accepted"}


def faults(value: Any) -> list[str]:
    """What is wrong with a researcher's list of questions, said to the researcher; nothing where it can be asked."""
    if not isinstance(value, list):
        return ["Write a list of questions, each with its options and those that are accepted."]
    found = [f"Question {number}: {fault}" for number, one in enumerate(value, 1) for fault in _faults(one)]
    texts = [one["question"] for one in value if isinstance(one, dict) and isinstance(one.get("question"), str)]
    return found + [f"“{text}” is asked twice." for text in dict.fromkeys(texts) if texts.count(text) > 1]


def _faults(one: Any) -> list[str]:
    if not isinstance(one, dict) or set(one) != KEYS:
        return ["needs “question”, “options” and “accepted”, and nothing else."]
    if not _line(one["question"]):
        return ["needs a text of one line."]
    options, accepted = one["options"], one["accepted"]
    if not _lines(options) or len(options) < 2 or len(set(options)) < len(options):
        return ["needs two or more different options, each a text of one line."]
    if not _lines(accepted) or not accepted:
        return ["needs at least one accepted option; accept all of them to ask without turning anybody away."]
    unknown = [text for text in accepted if text not in options]
    return [f"accepts “{text}”, which is not one of its options." for text in unknown]


def _line(text: Any) -> bool:
    return isinstance(text, str) and 0 < len(text) <= 300 and text.isprintable() and text == text.strip()


def _lines(texts: Any) -> bool:
    return isinstance(texts, list) and all(map(_line, texts))


def shown(value: Sequence[dict]) -> list[tuple[str, list[str]]]:
    """Question and options, as the page may show them: which are accepted stays here."""
    return [(one["question"], list(one["options"])) for one in value]


def answered(value: Sequence[dict], given: Sequence[str | None]) -> bool:
    """Whether every question has one of its options."""
    return len(given) == len(value) and all(answer in one["options"] for one, answer in zip(value, given, strict=True))


def accepted(value: Sequence[dict], given: Sequence[str | None]) -> bool:
    return all(answer in one["accepted"] for one, answer in zip(value, given, strict=True))
