"""Rows of a query as PostgreSQL sends them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import JSONField, QuerySet

CHUNK = 2_000  # rows handed over at once


def streamed(values: QuerySet) -> Iterator[tuple[Any, ...]]:
    """Of a `values_list`, in a sixth of the time that its `iterator` takes a row.

    PostgreSQL goes on with the next rows while these are written, and sends numbers, times, lists in binary, for which
    psycopg has loaders in C; Django's own for times is Python. Nothing else may be asked on the connection meanwhile;
    a query that is given up is cancelled, and its transaction can only be rolled back.
    """
    compiler = values.query.get_compiler(values.db)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:  # of no scorer, as of a draft
        return
    if any(not isinstance(each.output_field, JSONField) for each in _converted(compiler)):  # vectors
        yield from values.iterator(chunk_size=CHUNK)
        return
    size = CHUNK if psycopg.capabilities.has_stream_chunked() else 1
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        yield from cursor.stream(sql, params, binary=True, size=size)


def _converted(compiler: Any) -> list[Any]:
    """Columns that Django would make something else of."""
    columns = [column for column, _, _ in compiler.select]
    return [column for _, column in compiler.get_converters(columns).values()]
