"""A list of people to invite, read line by line: who is good, and what is wrong on which line. Stores nothing.

Columns: email, language (a code as in de; may be left out). UTF-8; commas, semicolons or tabs; a header, unless the
first line is an address already.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

MOST_BYTES, MOST_ROWS, LONGEST_ADDRESS = 1_000_000, 2_000, 254
COLUMNS = {"email": "email", "e-mail": "email", "address": "email", "language": "language", "lang": "language"}
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,4})?")  # max 10 in the database


@dataclass(frozen=True)
class Row:
    """Somebody to invite. line: where they stand, counted from 1."""

    line: int
    email: str
    language: str = ""


@dataclass(frozen=True)
class Fault:
    line: int
    message: str


@dataclass(frozen=True)
class Reading:
    """ignored: columns that are not kept, because studies do not need them."""

    rows: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = ()
    ignored: tuple[str, ...] = ()


class UnreadableError(Exception):
    """The fault is the whole list's."""

    def __init__(self, line: int, message: str) -> None:
        self.fault = Fault(line, message)
        super().__init__(message)


def read_invitations(source: bytes | str) -> Reading:
    """Reads to the end: every fault is reported at once."""
    try:
        return _read(source if isinstance(source, str) else decode(source))
    except UnreadableError as error:
        return Reading(faults=(error.fault,))


def decode(data: bytes) -> str:
    """UTF-8, with or without a byte order mark."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = "This is not UTF-8. In your spreadsheet, save as “CSV UTF-8”."
        raise UnreadableError(line, message) from error


def _read(text: str) -> Reading:
    if len(text) > MOST_BYTES:
        raise UnreadableError(1, f"The list is larger than {MOST_BYTES // 1_000_000} MB. Split it.")
    lines = list(_lines(text.removeprefix("\ufeff")))
    if not lines:
        raise UnreadableError(1, "The list is empty. Write one address a line.")
    if len(lines) > MOST_ROWS + 1:
        raise UnreadableError(lines[MOST_ROWS + 1][0], f"More than {MOST_ROWS:,} lines. Split the list.")
    names, ignored, contents = _header(lines)
    found = list(_rows(contents, names))
    rows = tuple(item for item in found if isinstance(item, Row))
    return Reading(rows, tuple(item for item in found if isinstance(item, Fault)), ignored)


def _lines(text: str) -> Iterator[tuple[int, list[str] | Fault]]:
    """Cells by the line they begin on; lines without any text are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            yield line, Fault(line, f"The quotes do not balance ({error}). Close the quote, or delete it.")
        else:
            if any(cells):
                yield line, cells


def _delimiter(text: str) -> str:
    """Whichever the first line with text has most of; spreadsheets differ by country."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


Lines = list[tuple[int, list[str] | Fault]]


def _header(lines: Lines) -> tuple[list[str], tuple[str, ...], Lines]:
    """The name of each column ("" for one that is not kept), those that are not, and the lines that follow."""
    line, first = lines[0]
    if isinstance(first, Fault) or "@" in first[0]:
        return ["email", "language"], (), lines
    names = [COLUMNS.get(cell.lower(), "") for cell in first]
    if names.count("email") != 1:
        raise UnreadableError(line, "The first line must name one column email; a second one may be language.")
    return names, tuple(cell for cell, name in zip(first, names, strict=True) if not name and cell), lines[1:]


def _rows(lines: Lines, names: list[str]) -> Iterator[Row | Fault]:
    seen: dict[str, int] = {}
    for line, cells in lines:
        item = cells if isinstance(cells, Fault) else _row(line, cells, names)
        if isinstance(item, Row) and item.email in seen:
            item = Fault(line, f"{item.email} is on line {seen[item.email]} already, and is invited once.")
        if isinstance(item, Row):
            seen[item.email] = line
        yield item


def _row(line: int, cells: list[str], names: list[str]) -> Row | Fault:
    if any(cells[len(names) :]):
        return Fault(line, f"{len(cells)} cells, but {len(names)} expected.")
    values = dict(zip(names, cells, strict=False))
    email, given = values.get("email", "").lower(), values.get("language", "")
    language = given.lower().replace("_", "-")
    try:
        validate_email(email)
    except ValidationError:
        return Fault(line, f"“{email[:80]}” is not an e-mail address." if email else "The e-mail address is missing.")
    if len(email) > LONGEST_ADDRESS:
        return Fault(line, f"The address is longer than {LONGEST_ADDRESS} characters.")
    if language and not LANGUAGE.fullmatch(language):
        return Fault(line, f"“{given[:40]}” is not a language code. Write it as in en, de or pt-br.")
    return Row(line, email, language)
