"""CSV and TSV, and what spreadsheets of other countries call CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from prompts import header
from prompts.faults import Fault, UnreadableError
from prompts.sheets.table import Line, Sheet

DELIMITERS = {",": "CSV", "\t": "TSV", ";": "CSV with semicolons", "|": "CSV with vertical bars"}
# A quote left open for longer than this has swallowed the file: what follows cannot be trusted either.
LOST_LINES = 1_000


def sheet(text: str) -> Sheet:
    """Raises UnreadableError where there is no header to begin with."""
    delimiter = _delimiter(text)
    lines = _lines(text, delimiter)
    line, content = next(lines, (1, Fault(None, "The file is empty.")))
    if isinstance(content, Fault):
        raise UnreadableError(content)
    return Sheet(DELIMITERS[delimiter], tuple(content), lines, header=line, ours=True)


def _delimiter(text: str) -> str:
    """The first mark by which the header falls into a column that is known; a comma where none is."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    return next((mark for mark in DELIMITERS if header.is_known(first, mark)), ",")


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    """Cells by the line they begin on (a quoted cell may span several); blank lines are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
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
