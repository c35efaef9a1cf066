"""A file of prompts, read row by row: what is good, and what is wrong on which line. Stores nothing.

Columns: text (required; prompt or caption of a dataset), kind (open or expert; open when empty), split (train,
validation or test; when empty what the file's name says, else test), scene (stays in one split), tags (joined by ;).
CSV, TSV, JSON lines, Parquet, or plain text with a prompt a line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO

from prompts import cells, header
from prompts.faults import Fault, UnreadableError
from prompts.limits import Limits
from prompts.models import Prompt
from prompts.plan import Plan, split_named
from prompts.seen import Seen
from prompts.sheets import Sheet, open_sheet, parquet

KINDS, SPLITS = tuple(Prompt.Kind.values), tuple(Prompt.Split.values)


@dataclass(frozen=True)
class Row:
    """One prompt of the file. line: where it begins, counted from 1."""

    line: int
    text: str
    kind: str = Prompt.Kind.OPEN
    split: str = Prompt.Split.TEST
    scene: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """rows: the good ones. unreadable: the faults are the whole file's, and none of its rows may be kept.

    kind: of file. names: of all of its columns. columns: what was read, in our names, and sources: in the file's own.
    ignored: what was passed by.
    checksum: sha256 of the bytes.
    """

    rows: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = ()
    names: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    kind: str = ""
    checksum: str = ""
    unreadable: bool = False


def read_prompts(
    source: bytes | BinaryIO, limits: Limits | None = None, name: str = "", plan: Plan | None = None
) -> Reading:
    """Reads to the end, or to what makes the file unreadable. Memory is bounded by `limits`, whatever comes.

    name: of the file; its ending says what is plain text, and it may name the split. plan: which column is which;
    without one the columns must bear our names, or, in a dataset, one of the names that datasets give to prompts.
    """
    limits = limits or Limits.current()
    try:
        data = contents(source, limits)
    except UnreadableError as error:
        return Reading(faults=error.faults, unreadable=True)
    names: tuple[str, ...] = ()
    try:
        sheet = open_sheet(data, name, limits, plan.columns.values() if plan else ())
        names = sheet.names
        places = plan.places(sheet.names) if plan else _places(sheet)
        reading = _read(sheet, limits, places, plan or Plan(split=split_named(name)))
    except UnreadableError as error:
        reading = Reading(faults=error.faults, names=names, unreadable=True)
    return replace(reading, checksum=hashlib.sha256(data).hexdigest())


def contents(source: bytes | BinaryIO, limits: Limits) -> bytes:
    """What there is to read; of Parquet that is larger than the limit its texts alone. Raises UnreadableError."""
    data = source if isinstance(source, bytes) else source.read(limits.bytes + 1)
    if len(data) <= limits.bytes:
        return data
    if data.startswith(parquet.SIGNATURE) and not isinstance(source, bytes):
        data = parquet.texts_alone(source, limits)
    if len(data) > limits.bytes:
        message = f"The file is larger than {limits.bytes / 1e6:,.0f} MB. Split it into several prompt sets."
        raise UnreadableError(Fault(None, message))
    return data


def _read(sheet: Sheet, limits: Limits, places: dict[str, int], plan: Plan) -> Reading:
    sources = tuple(sheet.names[at] for at in places.values())
    ignored = tuple(name for at, name in enumerate(sheet.names) if at not in places.values())
    contents = list(islice(sheet.lines, limits.rows + 1))  # Counted before anything is checked: a refusal is quick.
    if len(contents) > limits.rows:
        message = f"more than {limits.rows:,} rows. Split the file into several prompt sets."
        raise UnreadableError(Fault(contents[-1][0], message))
    rows, faults, read = [], [], _Rows(len(sheet.names), places, plan, limits).read
    for line, content in contents:
        found = [content] if isinstance(content, Fault) else [*read(line, content)]
        faults += [item for item in found if isinstance(item, Fault)]
        rows += [item for item in found if isinstance(item, Row)]
    if not rows and not faults:
        where = " below the header" if sheet.header else " in the file"
        raise UnreadableError(Fault(None, f"There is no prompt{where}."))
    return Reading(tuple(rows), tuple(faults), sheet.names, tuple(places), sources, ignored, sheet.kind)


def _places(sheet: Sheet) -> dict[str, int]:
    """Where our columns stand, by their names."""
    if not sheet.ours:
        return header.of_dataset(sheet.names)
    return header.columns(list(sheet.names), sheet.header or 1)


# One row


class _Rows:
    """width: columns of the file. places: where ours stand."""

    def __init__(self, width: int, places: dict[str, int], plan: Plan, limits: Limits) -> None:
        self.width, self.places, self.plan, self.limits, self.seen = width, places, plan, limits, Seen()

    def read(self, line: int, content: list[str]) -> Iterator[Row | Fault]:
        """The row, or each of its faults."""
        if len(content) != self.width:
            yield Fault(line, _ragged(len(content), self.width))
            return
        row = self._row(line, {name: content[at].strip() for name, at in self.places.items()})
        faults = [*_cells(row, self.limits)] or [*self.seen.faults(row)]
        if faults:
            yield from (Fault(line, message, column) for column, message in faults)
        else:
            self.seen.add(row, f"on line {line}")
            yield row

    def _row(self, line: int, values: dict[str, str]) -> Row:
        text, scene = values["text"], values.get("scene", "")
        tags = tuple(dict.fromkeys(tag.strip() for tag in values.get("tags", "").split(";") if tag.strip()))
        split = self.plan.split_of(text, scene, tags, values.get("split", "").lower())
        return Row(line, text, values.get("kind", "").lower() or self.plan.kind, split, scene, tags)


def _ragged(have: int, want: int) -> str:
    message = f"{have} cells, but the header names {want} column{'s' if want > 1 else ''}."
    return f"{message} Put quotes around a prompt that holds a comma." if have > want else f"{message} Add the commas."


def _cells(row: Row, limits: Limits) -> Iterator[tuple[str, str]]:
    if cells.is_blank(row.text):
        yield "text", "the prompt is empty. Write one, or delete the line."
        return
    yield from (("text", fault) for fault in cells.faults(row.text, limits.characters))
    yield from _choice("kind", row.kind, KINDS)
    yield from _choice("split", row.split, SPLITS)
    yield from (("scene", fault) for fault in cells.faults(row.scene, limits.scene))
    yield from (("tags", fault) for tag in row.tags for fault in cells.faults(tag, limits.tag))


def _choice(column: str, value: str, choices: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if value not in choices:
        yield column, f"“{value[:40]}” is none of {', '.join(choices)}."
