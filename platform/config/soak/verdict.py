"""What is promised, one line each, and whether it held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from config.soak import studies
from config.soak.conducting import Run

SHOWN = 5  # differences of one kind that are told


class Line(NamedTuple):
    """wrong: what does not hold; empty where it does."""

    promise: str
    wrong: list[str]


def verdict(broken: Run, whole: Run) -> list[Line]:
    return [Line(promise, wrong) for promise, wrong in _lines(broken, whole)]


def _lines(broken: Run, whole: Run) -> Iterator[tuple[str, list[str]]]:
    late = [f"{one.fault}: {one.what}" for one in broken.struck if one.seconds is None]
    yield "everything works again after every fault", late
    yield "nobody met an error, but for 503 with Retry-After", _counted(broken.wrong | whole.wrong)
    yield "no work failed, and none is left", broken.left["unfinished"] + whole.left["unfinished"]
    for name in whole.left["made"]:
        yield f"the same {name}, byte for byte", _differences(broken.left["made"][name], whole.left["made"][name])
    yield "as many rows of everything: nothing is there twice", _unequal(broken.left["counts"], whole.left["counts"])
    for name in ("lost", "nobody was told of", "told twice", "with another answer"):
        yield f"no vote {_phrase(name)}", broken.left["told"][name] + whole.left["told"][name]
    yield "no trial has more votes than it needs", broken.left["overfilled"] + whole.left["overfilled"]
    yield "the same votes where everybody heard everything", _votes(broken, whole)
    yield "as many votes where raters contended for places", _places(broken, whole)
    yield "the same results", _results(broken, whole)


def _phrase(name: str) -> str:
    return {"lost": "is lost", "told twice": "was taken twice", "with another answer": "says something else"}.get(
        name, "is there that nobody was told of"
    )


def _counted(wrong: dict[str, int]) -> list[str]:
    return [f"{times} × {what}" for what, times in wrong.items()]


def _differences(one: set, other: set) -> list[str]:
    lost = [f"not there: {item}" for item in sorted(map(repr, other - one))]
    return lost + [f"too much: {item}" for item in sorted(map(repr, one - other))]


def _unequal(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [f"{name}: {one.get(name)}, not {other[name]}" for name in other if one.get(name) != other[name]]


def _votes(broken: Run, whole: Run) -> list[str]:
    names = [studies.name(n) for n in range(whole.studies) if not studies.contended(n)]
    return [
        difference
        for name in names
        for difference in _differences(broken.left["votes"][name], whole.left["votes"][name])
    ]


def _places(broken: Run, whole: Run) -> list[str]:
    names = [studies.name(n) for n in range(whole.studies) if studies.contended(n)]
    found = ((name, len(broken.left["votes"][name]), len(whole.left["votes"][name])) for name in names)
    return [f"{name}: {one}, not {other}" for name, one, other in found if one != other]


def _results(broken: Run, whole: Run) -> list[str]:
    pairs = zip(broken.left["results"], whole.left["results"], strict=True)
    return [f"{two['study']}: {line}" for one, two in pairs for line in _unequal(one, two)]
