"""Two makings of one study beside each other: what is equal, what differs, and by how much."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, NamedTuple

UNALIKE = ("study", "seconds")  # of results: where it is, and how long it took
KEYS = frozenset({"rater", "prompt_id"})  # of numbers: another database, other keys and pseudonyms
PEOPLE = frozenset({"name", "by"})  # of the table of raters


class Difference(NamedTuple):
    where: str
    was: Any
    here: Any

    def __str__(self) -> str:
        return f"{self.where}: {self.was!r} in the bundle, {self.here!r} here"


def results(was: dict[str, Any], here: dict[str, Any], without: tuple[str, ...] = UNALIKE) -> list[Difference]:
    """Value by value; `without` names keys of the first level that are not compared."""
    kept = [{name: value for name, value in each.items() if name not in without} for each in (was, here)]
    return list(_differences(kept[0], kept[1], "results"))


def _differences(was: Any, here: Any, where: str) -> Iterator[Difference]:
    if isinstance(was, dict) and isinstance(here, dict):
        for name in [*was, *(n for n in here if n not in was)]:
            yield from _differences(was.get(name), here.get(name), f"{where}.{name}")
    elif isinstance(was, list) and isinstance(here, list) and len(was) == len(here):
        for place, (one, other) in enumerate(zip(was, here, strict=True)):
            yield from _differences(one, other, f"{where}.{place}")
    elif was != here:
        yield Difference(where, was, here)


def flat(value: Any, where: str = "results") -> dict[str, Any]:
    """Of nested results: each value by its dotted place."""
    if isinstance(value, dict):
        inner = [flat(each, f"{where}.{name}") for name, each in value.items()]
    elif isinstance(value, list):
        inner = [flat(each, f"{where}.{place}") for place, each in enumerate(value)]
    else:
        return {where: value}
    return {name: one for each in inner for name, one in each.items()}


def numbers(was: dict[str, str], here: dict[str, str]) -> list[Difference]:
    """CSV files by name, but for the columns that hold keys; rows may come in the order of those."""
    found = []
    for name in sorted(set(was) | set(here)):
        if name not in was or name not in here:
            found.append(Difference(name, name in was, name in here))
            continue
        mine, theirs = (_anonymous(name, text) for text in (was[name], here[name]))
        if mine != theirs:
            pairs = enumerate(zip_longest(mine, theirs))
            row, (one, other) = next((row, pair) for row, pair in pairs if pair[0] != pair[1])
            found.append(Difference(f"{name}, row {row}", one, other))
    return found


def _anonymous(name: str, text: str) -> list[dict[str, str]]:
    rows = list(csv.DictReader(io.StringIO(text)))
    hidden = KEYS | (PEOPLE if name.endswith("/raters.csv") else frozenset())
    told = [{column: value for column, value in row.items() if column not in hidden} for row in rows]
    return sorted(told, key=lambda row: sorted(row.items()))
