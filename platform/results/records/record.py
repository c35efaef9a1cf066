"""What a kind of record is: its fields with their types and meanings, and where they are read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from django.db.models import QuerySet

from results.records.streaming import streamed
from studies.models import Study

Type = Literal["integer", "number", "text", "flag", "time", "json", "integers", "numbers", "texts"]
Record = dict[str, Any]


class Asked(NamedTuple):
    """clip_address: where a clip is fetched from, with `{clip}` in place of its id."""

    study: Study
    clip_address: str


@dataclass(frozen=True)
class Field:
    """lookup: in the table; the field's own name where it is empty. filtered: whether answers can be limited by it."""

    name: str
    type: Type
    help: str = ""
    lookup: str = ""
    filtered: bool = False

    @property
    def source(self) -> str:
        return self.lookup or self.name


def _as_it_is(asked: Asked) -> Callable[[Record], Record]:
    return lambda record: record


@dataclass(frozen=True)
class Records:
    """One kind. `id` is its first field, unique, and the order in which records come.

    rows: the table's, with what the fields look up. finish: what a record says in the end, made once a reading.
    """

    name: str
    about: str
    fields: tuple[Field, ...]
    rows: Callable[[Study], QuerySet]
    finish: Callable[[Asked], Callable[[Record], Record]] = _as_it_is

    @property
    def one(self) -> str:
        return self.name.removesuffix("s")

    def read(self, asked: Asked) -> Iterator[Record]:
        """All records, as the database sends them: memory does not grow with them."""
        return self.told(asked, self.rows(asked.study).order_by("pk"))

    def told(self, asked: Asked, rows: QuerySet) -> Iterator[Record]:
        names, finish = [field.name for field in self.fields], self.finish(asked)
        for row in streamed(rows.values_list(*(field.source for field in self.fields))):
            yield finish(dict(zip(names, row, strict=True)))
