"""What a row of each table weighs on the disk, its indexes and its large values included."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection
from psycopg import sql

# Of one table, in bytes: rows as they lie, values that were moved out, indexes.
_SIZES = """
SELECT pg_relation_size(c.oid) AS rows,
       CASE WHEN c.reltoastrelid = 0 THEN 0 ELSE pg_total_relation_size(c.reltoastrelid) END AS moved_out,
       pg_indexes_size(c.oid) AS indexes
FROM pg_class c WHERE c.oid = %s::regclass
"""
_INDEXES = """
SELECT indexrelname, pg_relation_size(indexrelid), idx_scan
FROM pg_stat_user_indexes WHERE relid = %s::regclass ORDER BY 2 DESC
"""
COLUMNS = ("rows", "moved_out", "indexes")


def row_sizes(least: int = 1) -> list[dict[str, Any]]:
    """[{"table", "count", "rows", "moved_out", "indexes", "total"}], bytes a row, of tables with `least` rows or more.

    Rows are counted: minutes where there are hundreds of millions. Space that deleted rows have left is shared out too.
    """
    found = [_sizes(model._meta.db_table) for model in apps.get_models() if not model._meta.proxy]
    return sorted((one for one in found if one["count"] >= least), key=lambda one: -one["count"] * one["total"])


def _sizes(table: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        count = cursor.fetchone()[0]
        cursor.execute(_SIZES, [f'"{table}"'])
        sizes = dict(zip(COLUMNS, cursor.fetchone(), strict=True))
    each = {name: size / max(1, count) for name, size in sizes.items()}
    return {"table": table, "count": count, **each, "total": sum(each.values())}


def index_sizes(table: str, count: int) -> list[tuple[str, float, int]]:
    """(name, bytes a row, times used since statistics began) of each index, the heaviest first."""
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, [f'"{table}"'])
        return [(name, size / max(1, count), used) for name, size, used in cursor.fetchall()]


class Command(BaseCommand):
    help = (
        "What a row of each table weighs on the disk (bytes), by table: what the plan of a large installation rests on."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--least", type=int, default=1, help="Leave out tables with fewer rows.")
        parser.add_argument("--indexes", action="store_true", help="Each index as well, and how often it was used.")
        parser.add_argument("--json", action="store_true", help="As JSON.")

    def handle(self, *args, least: int, indexes: bool, **options) -> None:
        found = row_sizes(least)
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=2))
            return
        self.stdout.write(f"{'table':36}{'count':>12}{'rows':>9}{'moved out':>12}{'indexes':>9}{'total':>9}")
        for one in found:
            self.stdout.write(
                f"{one['table']:36}{one['count']:>12,}{one['rows']:>9.0f}{one['moved_out']:>12.0f}"
                f"{one['indexes']:>9.0f}{one['total']:>9.0f}"
            )
            for name, size, used in index_sizes(one["table"], one["count"]) if indexes else ():
                self.stdout.write(f"  {name:66}{size:>12.0f}  used {used:,} times")
