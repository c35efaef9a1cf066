"""What PostgreSQL keeps as JSON: finite numbers, and texts without NUL and without halves of characters."""

from __future__ import annotations

import math
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput

DEEPEST = 50  # lists and objects within each other
LARGEST = 10**308  # of whole numbers; what is larger no other program reads either
# PostgreSQL has no NUL in texts; a surrogate is half of a character, and no half can be written as UTF-8.
UNWRITABLE = re.compile("[\0\ud800-\udfff]")


def fault(value: object) -> str:
    """What in a value cannot be kept, with its place as in `arms.0.name`; empty where all of it can."""
    waiting: list[tuple[object, tuple[str, ...]]] = [(value, ())]
    while waiting:
        one, place = waiting.pop()
        if found := _fault(one, place):
            return f"{_said(place)}: {found}" if place else found
        inner = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
        waiting += [(each, (*place, str(name))) for name, each in inner]
    return ""


def _said(place: tuple[str, ...]) -> str:
    return ".".join(place[:6])[:100] + ("…" if len(place) > 6 else "")


def _fault(one: object, place: tuple[str, ...]) -> str:
    if len(place) > DEEPEST:
        return f"nested deeper than {DEEPEST} lists and objects."
    if isinstance(one, dict):
        return next((_text(name) if isinstance(name, str) else _alien(name) for name in one if _odd(name)), "")
    if isinstance(one, float):
        return "" if math.isfinite(one) else "not a finite number: write one."
    if isinstance(one, int):
        return "" if abs(one) < LARGEST else "a number of more than 308 digits: write a smaller one."
    if isinstance(one, str):
        return _text(one)
    return "" if one is None or isinstance(one, list) else _alien(one)


def _odd(name: object) -> bool:
    return not isinstance(name, str) or bool(UNWRITABLE.search(name))


def _text(text: str) -> str:
    found = UNWRITABLE.search(text)
    if not found:
        return ""
    what = "a NUL (U+0000)" if found[0] == "\0" else f"half of a character (U+{ord(found[0]):04X})"
    return f"character {found.start() + 1:,} is {what}, which cannot be stored: delete it."


def _alien(one: object) -> str:
    return f"of type {type(one).__name__}, and no text, number, list or object: put it in quotes."


class JsonField(forms.JSONField):
    """JSON that somebody types; whatever cannot be read or kept is said at the field."""

    def to_python(self, value: Any) -> Any:
        try:
            read = super().to_python(value)
        except (ValueError, RecursionError) as error:
            raise ValidationError("Numbers are too long, or parts nested too deeply, to be read.") from error
        if found := fault(read):
            raise ValidationError(found[:1].upper() + found[1:])
        return read

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What is shown again: as it was typed, where it cannot be read."""
        try:
            return super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return InvalidJSONInput(data)
