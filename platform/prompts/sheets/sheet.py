"""Which kind of file it is, by its content first and its name second."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePath

from prompts import decoding
from prompts.limits import Limits
from prompts.sheets import delimited, json_lines, parquet, plain
from prompts.sheets.table import Sheet

__all__ = ["Sheet", "open_sheet"]


def open_sheet(data: bytes, name: str, limits: Limits, wanted: Collection[str] = ()) -> Sheet:
    """The table in `data`; `name`: of the file, or empty. Raises UnreadableError.

    wanted: columns that must be read, where not all are; none: those whose names are ours.
    """
    if data.startswith(parquet.SIGNATURE):
        return parquet.sheet(data, limits, wanted)
    text, suffix = decoding.decode(data), PurePath(name).suffix.lower()
    if text.lstrip()[:1] in ("{", "[") and suffix not in (".csv", ".tsv", ".txt"):
        return json_lines.sheet(text)
    return plain.sheet(text) if suffix == ".txt" else delimited.sheet(text)
