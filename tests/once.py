"""What takes long to build is built once in a run; later tests are given the rows that it wrote, as they were."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from copy import deepcopy
from typing import NamedTuple, TypeVar

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

Made = TypeVar("Made")
Rows = dict[type[Model], list[bytes]]  # lines of PostgreSQL's COPY, which begin with the primary key


class Built(NamedTuple):
    made: object
    gone: Rows  # as they were before: deleted, or changed
    new: Rows  # as they are after: created, or changed


_built: dict[tuple, Built] = {}


def once(build: Callable[..., Made], *given: Hashable) -> Made:
    """What `build(*given)` makes. It must ask for nothing that differs from test to test but for what it is given.

    Rows and no open transaction: tests that commit, and servers with connections of their own, have use for it too.
    """
    if (build, *given) in _built:
        _put_back(_built[build, *given])
    else:
        before = _rows()
        made = build(*given)
        after = _rows()
        _built[build, *given] = Built(made, _without(before, after), _without(after, before))
    return deepcopy(_built[build, *given].made)  # what a test does to it, no other test sees


def _rows() -> Rows:
    return {model: _read(model) for model in apps.get_models(include_auto_created=True) if not model._meta.proxy}


def _read(model: type[Model]) -> list[bytes]:
    with connection.cursor() as cursor, cursor.copy(f"COPY {_table(model)} TO STDOUT") as lines:
        return b"".join(lines).splitlines(keepends=True)


def _without(rows: Rows, others: Rows) -> Rows:
    known = {model: set(lines) for model, lines in others.items()}
    rest = {model: [line for line in lines if line not in known[model]] for model, lines in rows.items()}
    return {model: lines for model, lines in rest.items() if lines}


def _put_back(built: Built) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for model, lines in built.gone.items():
            keys = [line.split(b"\t")[0].strip().decode() for line in lines]
            model._base_manager.filter(pk__in=keys)._raw_delete(using=connection.alias)
        for model, lines in built.new.items():
            with cursor.copy(f"COPY {_table(model)} FROM STDIN") as copy:
                copy.write(b"".join(lines))
        connection.check_constraints()  # of rows that this test lacks, it hears here and not at its end


def _table(model: type[Model]) -> str:
    fields = sorted(model._meta.local_concrete_fields, key=lambda field: not field.primary_key)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return f'"{model._meta.db_table}" ({columns})'
