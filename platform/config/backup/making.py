"""A backup: PostgreSQL's own dump, the objects that are elsewhere, and a manifest with the checksums of both."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import QuerySet, Sum

from config.backup import DUMP, FOLDER, FORMAT, BackupError, place, postgres
from results.bundles.archive import MANIFEST
from results.exports.zipped import Checked, Member, zipped
from studies import keeping
from studies.models import StoredFile
from studies.storage import files

BLOCK = 1 << 20  # bytes
# PostgreSQL writes bytes out as twice as many digits, and no value may be longer than a gigabyte.
LARGEST = 500 * 10**6
Tell = Callable[[int], object]  # bytes that were written


def make(path: Path, audio: bool, tell: Tell) -> dict[str, Any]:
    """Writes it and returns its manifest. Everything in it is as it was at one moment, whatever is written meanwhile.

    audio: whether objects in S3-compatible storage come along. Raises BackupError, keeping.BusyError, OSError.
    """
    too_large = StoredFile.objects.filter(content__isnull=False, size__gt=LARGEST).values_list("name", flat=True)
    if found := list(too_large[:3]):
        raise BackupError(
            f"No dump can hold {', '.join(found)}: files above {LARGEST // 10**6} MB belong into S3-compatible "
            "storage (manage.py move_audio --to s3)."
        )
    sums: dict[str, Checked] = {}
    with keeping.staying(), place.whole(path) as file, _moment() as moment:
        manifest = _manifest(audio)
        for block in zipped(_members(moment, audio, manifest, sums), sums):
            file.write(block)
            tell(len(block))
    return manifest


def size_at_most() -> int:
    """Bytes that it may take, roughly."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        row = cursor.fetchone()
    return (row[0] if row else 0) + (_elsewhere().aggregate(sum=Sum("size"))["sum"] or 0)


@contextmanager
def _moment() -> Iterator[str]:
    """A snapshot that pg_dump can share; queries inside see the same rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        row = cursor.fetchone()
        yield row[0] if row else ""


def _members(moment: str, audio: bool, manifest: dict[str, Any], sums: dict[str, Checked]) -> Iterator[Member]:
    yield Member(DUMP, _dump(moment), packed=False)
    if audio:
        for name in _elsewhere().order_by("name").values_list("name", flat=True).iterator(chunk_size=2_000):
            yield Member(f"{FOLDER}/{name}", [_object(name)], packed=False)
    manifest["files"] = {name: checked._asdict() for name, checked in sums.items()}
    yield Member(MANIFEST, [json.dumps(manifest, indent=2).encode()])


def _dump(moment: str) -> Iterator[bytes]:
    """pg_dump's custom format. Owners and rights are the installation's own; gzip is what every pg_restore reads."""
    pg_dump = postgres.program("pg_dump", postgres.server_major()).path
    asked = ["--format=custom", "--compress=gzip:1", "--no-owner", "--no-privileges", "--no-comments"]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - PostgreSQL's own
            [pg_dump, *asked, f"--snapshot={moment}", "--no-password"],
            stdout=subprocess.PIPE,
            stderr=errors,
            env=postgres.environment(),
        )
        assert process.stdout  # noqa: S101 - it was asked for
        try:
            while block := process.stdout.read(BLOCK):
                yield block
        finally:
            process.stdout.close()
            ended = process.wait()
        if ended:
            errors.seek(0)
            raise BackupError(f"pg_dump failed: {errors.read().decode(errors='replace').strip()}")


def _object(name: str) -> bytes:
    content = files().bucket.get(name)
    if content is None:
        raise BackupError(f"{name} is not in the bucket, although its row says so.")
    return content


def _elsewhere() -> QuerySet[StoredFile]:
    return StoredFile.objects.filter(content__isnull=True)


def _manifest(audio: bool) -> dict[str, Any]:
    applied = MigrationRecorder(connection).applied_migrations()
    return {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "postgresql": postgres.server_major(),
        "pg_dump": postgres.program("pg_dump", postgres.server_major()).major,
        "tables": {table: _count(table) for table in sorted(connection.introspection.table_names())},
        "migrations": sorted(".".join(key) for key in applied),
        "elsewhere": {"objects": _elsewhere().count(), "included": audio},
    }


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
        row = cursor.fetchone()
    return row[0] if row else 0
