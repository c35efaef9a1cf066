"""A platform's list of submissions, as it exports it: who, and what became of their work."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

PEOPLE = ("participantid", "participant", "workerid")  # headings, without case, spaces and marks
STATUSES = ("status", "assignmentstatus", "submissionstatus")


class BadList(ValueError):  # noqa: N818 (says what is wrong)
    """Says what the list lacks, to the researcher."""


@dataclass(frozen=True)
class Submission:
    """line: of the file, so that a report can be found in it."""

    line: int
    participant: str
    status: str


def read(content: bytes) -> list[Submission]:
    """Rows of a CSV with a heading, separated by commas or semicolons. Raises BadList."""
    try:
        return _read(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadList("The file is not a CSV in UTF-8: export it again from the platform.") from None


def _read(text: str) -> list[Submission]:
    if "\0" in text:
        raise BadList("The file holds NUL characters (U+0000), and so is no CSV: export it again from the platform.")
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        headings = next(rows, [])
        person, status = _column(headings, PEOPLE), _column(headings, STATUSES)
        needed = max(person, status) + 1
        read_ = ((rows.line_num, row) for row in rows if any(map(str.strip, row)))
        return [_row(line, row, person, status, needed) for line, row in read_]
    except csv.Error as error:
        raise BadList(f"Line {rows.line_num} is no line of a CSV ({error}): export it again.") from None


def _column(headings: list[str], names: Iterable[str]) -> int:
    plain = [normal(heading) for heading in headings]
    for name in names:
        if name in plain:
            return plain.index(name)
    found = ", ".join(f"“{heading.strip()}”" for heading in headings if heading.strip()) or "none"
    raise BadList(
        "The file needs the columns “Participant id” and “Status” (Prolific), “WorkerId” and “AssignmentStatus”"
        f" (MTurk), or “participant” and “status”. Its columns are: {found}."
    )


def _row(line: int, row: list[str], person: int, status: int, needed: int) -> Submission:
    if len(row) < needed:
        raise BadList(f"Line {line} has {len(row)} columns, fewer than the heading names.")
    return Submission(line, row[person].strip(), row[status].strip())


def normal(text: str) -> str:
    """Without case, spaces and marks: TIMED-OUT, Timed out and timed_out are one."""
    return re.sub(r"[\W_]", "", text).lower()
