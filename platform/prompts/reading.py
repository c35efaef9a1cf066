"""A CSV of prompts, read row by row: what is good, and what is wrong on which line. Stores nothing.

Columns: text (required), kind (open or expert; open when empty), split (train, validation or test; test when empty),
scene (stays in one split), tags (joined by ;). UTF-8, comma, a header.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO

from prompts import cells, decoding, header
from prompts.faults import Fault, UnreadableError
from prompts.limits import Limits
from prompts.models import Prompt
from prompts.seen import Seen

KINDS, SPLITS = tuple(Prompt.Kind.values), tuple(Prompt.Split.values)
# A quote left open for longer than this has swallowed the file: what follows cannot be trusted either.
LOST_LINES = 1_000


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

    checksum: sha256 of the bytes.
    """

    rows: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = ()
    columns: tuple[str, ...] = ()
    checksum: str = ""
    unreadable: bool = False


def read_prompts(source: bytes | BinaryIO, limits: Limits | None = None) -> Reading:
    """Reads to the end, or to what makes the file unreadable. Memory is bounded by `limits`, whatever comes."""
    limits = limits or Limits.current()
    try:
        data = _bytes(source, limits)
    except UnreadableError as error:
        return Reading(faults=error.faults, unreadable=True)
    try:
        reading = _read(decoding.decode(data), limits)
    except UnreadableError as error:
        reading = Reading(faults=error.faults, unreadable=True)
    return replace(reading, checksum=hashlib.sha256(data).hexdigest())


def _bytes(source: bytes | BinaryIO, limits: Limits) -> bytes:
    data = source if isinstance(source, bytes) else source.read(limits.bytes + 1)
    if len(data) > limits.bytes:
        message = f"The file is larger than {limits.bytes / 1e6:,.0f} MB. Split it into several prompt sets."
        raise UnreadableError(Fault(None, message))
    return data


def _read(text: str, limits: Limits) -> Reading:
    lines = _lines(text)
    names = _header(lines)
    contents = list(islice(lines, limits.rows + 1))  # Counted before anything is checked: a refusal is quick.
    if len(contents) > limits.rows:
        message = f"more than {limits.rows:,} rows. Split the file into several prompt sets."
        raise UnreadableError(Fault(contents[-1][0], message))
    rows, faults, seen = [], [], Seen()
    for line, content in contents:
        found = [content] if isinstance(content, Fault) else list(_row(line, content, names, limits, seen))
        faults += [item for item in found if isinstance(item, Fault)]
        rows += [item for item in found if isinstance(item, Row)]
    if not rows and not faults:
        raise UnreadableError(Fault(None, "There is no prompt below the header."))
    return Reading(tuple(rows), tuple(faults), names)


def _lines(text: str) -> Iterator[tuple[int, list[str] | Fault]]:
    """Cells by the line they begin on (a quoted cell may span several); blank lines are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            found = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fault = Fault(line, _quotes(line, reader.line_num, error))
            if reader.line_num - line > LOST_LINES:
                raise UnreadableError(fault) from error
            yield line, fault
        else:
            if found:
                yield line, found


def _quotes(first: int, last: int, error: csv.Error) -> str:
    through = f", and everything through line {last} was read as part of it" if last > first else ""
    advice = "Close the quote; inside a quoted cell a quote is written twice."
    return f"the quotes do not balance{through} ({error}). {advice}"


def _header(lines: Iterator[tuple[int, list[str] | Fault]]) -> tuple[str, ...]:
    line, content = next(lines, (1, Fault(None, "The file is empty.")))
    if isinstance(content, Fault):
        raise UnreadableError(content)
    return header.columns(content, line)


# One row


def _row(line: int, content: list[str], names: tuple[str, ...], limits: Limits, seen: Seen) -> Iterator[Row | Fault]:
    """The row, or each of its faults."""
    if len(content) != len(names):
        yield Fault(line, _ragged(len(content), len(names)))
        return
    values = {name: cell.strip() for name, cell in zip(names, content, strict=True)}
    row = Row(
        line,
        values["text"],
        values.get("kind", "").lower() or Prompt.Kind.OPEN.value,
        values.get("split", "").lower() or Prompt.Split.TEST.value,
        values.get("scene", ""),
        tuple(dict.fromkeys(tag.strip() for tag in values.get("tags", "").split(";") if tag.strip())),
    )
    faults = [*_cells(row, limits)] or [*seen.faults(row)]
    if faults:
        yield from (Fault(line, message, column) for column, message in faults)
    else:
        seen.add(row, f"on line {line}")
        yield row


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
