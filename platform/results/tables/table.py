"""A table: its numbers as they are, and how each is written. Pure; pages, LaTeX, CSV and Markdown all read this."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from results.templatetags import numbers

Row = dict[str, Any]
ON_A_PAGE = 100  # rows; files have all


def _p(value: float | None) -> str:
    """To three digits; under a thousandth, only that."""
    if value is None:
        return numbers.NONE
    return "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def _count(value: int | None) -> str:
    return numbers.NONE if value is None else f"{value:,}"


def _signed_percent(value: float | None) -> str:
    return numbers.NONE if value is None else f"{100 * value:+.1f}%".replace("-", "−")


def _signed(value: float | None) -> str:
    return numbers.NONE if value is None else f"{value:+.2f}".replace("-", "−")


def _number(value: float | None) -> str:
    return numbers.NONE if value is None else f"{value:.3f}".replace("-", "−")


def _rating(value: float | None) -> str:
    return numbers.NONE if value is None else f"{value:.2f}".replace("-", "−")


FORMS: dict[str, Callable[[Any], str]] = {
    "text": lambda value: numbers.NONE if value in (None, "") else str(value),
    "count": _count,
    "times100": lambda value: numbers.times100(value).replace("-", "−"),
    "signed100": numbers.signed100,
    "percent": numbers.percent,
    "signed_percent": _signed_percent,
    "plain": numbers.plain,
    "signed": _signed,
    "number": _number,
    "rating": _rating,
    "p": _p,
    "seconds": numbers.duration,
}


@dataclass(frozen=True)
class Column:
    """key: of the value in a row. form: one of FORMS. interval: key of its interval, written below or behind it.

    toned: coloured where the interval leaves zero out. aside: key of a remark below the value. spare: left out where
    the screen is narrow. always: shown even where no row has a value.
    tagged: key that sets the value apart as a tag.
    """

    key: str
    title: str
    unit: str = ""
    form: str = "text"
    interval: str = ""
    toned: bool = False
    aside: str = ""
    spare: bool = False
    always: bool = False
    tagged: str = ""

    def text(self, row: Row) -> str:
        return FORMS[self.form](row.get(self.key))

    def ends(self, row: Row) -> str:
        """The interval in the value's own form; empty without one."""
        found = row.get(self.interval) if self.interval else None
        return " to ".join(FORMS[self.form](end).removesuffix("%") for end in found) if found else ""

    @property
    def numeric(self) -> bool:
        return self.form != "text"


class Cell(NamedTuple):
    text: str
    small: str
    tone: str
    column: Column


@dataclass(frozen=True)
class Table:
    """rows: values in their own units. note: how it was measured; source: n, unit of resampling, seed, exclusions."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: list[Row]
    note: str = ""
    source: str = ""
    waiting: Callable[[Row], bool] = field(default=lambda row: False)

    @property
    def shown(self) -> list[Column]:
        """The first column, and those in which some row has a value."""
        return [c for i, c in enumerate(self.columns) if i == 0 or c.always or self._filled(c)]

    def _filled(self, column: Column) -> bool:
        return any(row.get(column.key) not in (None, "") for row in self.rows)

    @property
    def unseen(self) -> int:
        return max(0, len(self.rows) - ON_A_PAGE)

    @property
    def lines(self) -> Iterable[tuple[bool, list[Cell]]]:
        """For a page: whether a row still waits, and its cells."""
        for row in self.rows[:ON_A_PAGE]:
            yield self.waiting(row), [_cell(column, row) for column in self.shown]


def _cell(column: Column, row: Row) -> Cell:
    small = column.ends(row) or str(row.get(column.aside) or "")
    tone = numbers.sure(row.get(column.interval)) if column.toned else "tag" if row.get(column.tagged) else ""
    return Cell(column.text(row), small, tone, column)
