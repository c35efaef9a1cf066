"""What every kind of file is read as."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from prompts.faults import Fault

Line = tuple[int, list[str] | Fault]


@dataclass(frozen=True)
class Sheet:
    """names: of the columns, as written. lines: cells in that order, by the line or row they stand on, from 1 on.

    header: the line of the names; None where the kind of file has no such line. ours: the columns may be written for
    us, so that one that looks like ours is a mistake; a dataset's own are many, and what is not ours is passed by.
    """

    kind: str
    names: tuple[str, ...]
    lines: Iterator[Line]
    header: int | None = None
    ours: bool = False


def cell(value: Any) -> str:
    """The text of one value of a dataset; a list is joined as tags are. Raises ValueError for what has none."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ";".join(cell(one) for one in value)
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError(f"holds {_article(value)}, not a text")


def _article(value: Any) -> str:
    return {"dict": "an object", "bytes": "bytes"}.get(type(value).__name__, f"a {type(value).__name__}")
