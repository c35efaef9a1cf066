"""Records as JSON lines, CSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from results.records import Field, Record, Records

BLOCK = 1 << 16  # bytes written at once
GROUP = 8_000  # records of one row group: what Parquet holds in memory

Writer = Callable[[Records, Iterable[Record]], Iterator[bytes]]


def json_lines(kind: Records, records: Iterable[Record]) -> Iterator[bytes]:
    """An object a line. Times are UTC in ISO 8601."""
    return blocks(line(record) for record in records)


def line(record: Record) -> str:
    return _encoded(record) + "\n"


def _told(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


# Made once: `json.dumps` with words of its own makes an encoder a call, which takes as long as the record.
_encoded = json.JSONEncoder(ensure_ascii=False, default=_told, separators=(",", ":")).encode


def comma_separated(kind: Records, records: Iterable[Record]) -> Iterator[bytes]:
    """RFC 4180 in UTF-8. Lists and objects are JSON; a text that a spreadsheet would compute has an apostrophe before
    it, as OWASP advises."""
    return blocks(_csv_lines(kind, records))


def _csv_lines(kind: Records, records: Iterable[Record]) -> Iterator[str]:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    names = [field.name for field in kind.fields]
    cells = [(at, CELLS[field.type]) for at, field in enumerate(kind.fields) if field.type in CELLS]
    writer.writerow(names)
    for record in records:
        row = [record[name] for name in names]
        for at, cell in cells:
            row[at] = cell(row[at])
        writer.writerow(row)
        if sink.tell() > BLOCK:
            yield sink.getvalue()
            sink.seek(0)
            sink.truncate()
    yield sink.getvalue()


def _safe(value: str | None) -> str:
    return "" if value is None else f"'{value}" if value[:1] in "=+-@\t\r" and value else value


def _flag(value: bool | None) -> str:
    return "" if value is None else "true" if value else "false"


def _time(value: datetime | None) -> str:
    return "" if value is None else value.isoformat()


def _json(value: Any) -> str:
    return "" if value is None else _encoded(value)


CELLS: dict[str, Callable[[Any], Any]] = {
    "text": _safe,
    "flag": _flag,
    "time": _time,
    "json": _json,
    "integers": _json,
    "numbers": _json,
    "texts": _json,
}


TYPES: dict[str, pa.DataType] = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "text": pa.string(),
    "flag": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
    "json": pa.string(),
    "integers": pa.list_(pa.int64()),
    "numbers": pa.list_(pa.float64()),
    "texts": pa.list_(pa.string()),
}


def schema(kind: Records) -> pa.Schema:
    return pa.schema([pa.field(f.name, TYPES[f.type], metadata={"help": f.help}) for f in kind.fields])


def parquet(kind: Records, records: Iterable[Record]) -> Iterator[bytes]:
    """Typed columns, zstd, a row group every 8,000 records. JSON fields are text."""
    sink, rest, made = Sink(), iter(records), schema(kind)
    with pq.ParquetWriter(pa.PythonFile(sink, "w"), made, compression="zstd") as writer:
        while group := list(islice(rest, GROUP)):
            columns = [_column(field, group) for field in kind.fields]
            writer.write_table(pa.table(columns, schema=made))
            yield sink.taken()
    yield sink.taken()


def _column(field: Field, group: list[Record]) -> pa.Array:
    values = [record[field.name] for record in group]
    if field.type == "json":
        values = [None if value is None else _json(value) for value in values]
    return pa.array(values, TYPES[field.type])


class Sink(io.RawIOBase):
    """What was written since it was last taken; a writer may ask where it is, and never goes back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:  # type: ignore[override]
        part = bytes(data)
        self._parts.append(part)
        self._size += len(part)
        return len(part)

    def tell(self) -> int:
        return self._size

    def taken(self) -> bytes:
        found, self._parts = b"".join(self._parts), []
        return found


def blocks(texts: Iterable[str]) -> Iterator[bytes]:
    """One network write for many records."""
    held: list[str] = []
    size = 0
    for text in texts:
        held.append(text)
        size += len(text)
        if size > BLOCK:
            yield "".join(held).encode()
            held, size = [], 0
    yield "".join(held).encode()


FORMS: dict[str, tuple[str, Writer]] = {
    "jsonl": ("application/x-ndjson", json_lines),
    "csv": ("text/csv; charset=utf-8", comma_separated),
    "parquet": ("application/vnd.apache.parquet", parquet),
}
