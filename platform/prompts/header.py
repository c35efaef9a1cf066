"""The first line of a CSV of prompts: which column is where."""

from __future__ import annotations

import difflib
from collections import Counter

from prompts.faults import Fault, UnreadableError

COLUMNS = ("text", "kind", "split", "scene", "tags")
KNOWN_AS = {"prompt": "text", "prompts": "text", "caption": "text", "captions": "text", "type": "kind", "tag": "tags"}
DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def columns(cells: list[str], line: int) -> tuple[str, ...]:
    """The names in their order. Raises UnreadableError with every fault of the header."""
    names = tuple(cell.strip().lower() for cell in cells)
    wrong = _delimiter(names) or _absent(names) or [*_unknown(names), *_doubled(names), *_missing(names)]
    if wrong:
        raise UnreadableError(*(Fault(line, message) for message in wrong))
    return names


def _delimiter(names: tuple[str, ...]) -> list[str]:
    line = ",".join(names)
    for mark, name in DELIMITERS.items():
        if "text" not in names and "text" in [part.strip(' "') for part in line.split(mark)] and mark in line:
            return [f"the columns are separated by {name}. Save the file with commas between them."]
    return []


def _absent(names: tuple[str, ...]) -> list[str]:
    if set(names) & {*COLUMNS, *KNOWN_AS}:
        return []
    return [
        f"there is no header: this line names none of the columns {', '.join(COLUMNS)}. "
        "Make the first line text,kind,split,scene,tags (only text is required)."
    ]


def _unknown(names: tuple[str, ...]) -> list[str]:
    return [_advise(name, at) for at, name in enumerate(names, 1) if name not in COLUMNS]


def _advise(name: str, at: int) -> str:
    if not name:
        return f"column {at} has no name. Name it or delete it."
    near = KNOWN_AS.get(name) or next(iter(difflib.get_close_matches(name, COLUMNS, 1)), "")
    return f"unknown column “{name[:40]}”. " + (
        f"Did you mean “{near}”?" if near else f"The columns are {', '.join(COLUMNS)}: rename it or delete it."
    )


def _doubled(names: tuple[str, ...]) -> list[str]:
    counts = Counter(name for name in names if name in COLUMNS)
    return [f"column “{name}” stands {n} times. Keep one." for name, n in counts.items() if n > 1]


def _missing(names: tuple[str, ...]) -> list[str]:
    return [] if "text" in names else ["the column “text” is missing, and it is required."]
