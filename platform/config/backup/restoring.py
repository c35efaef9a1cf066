"""A backup into an empty place: all of it in one transaction, or nothing."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from config.backup import DUMP, FOLDER, FORMAT, BackupError, postgres
from results.bundles.archive import Archive
from results.bundles.errors import BundleError
from studies import keeping
from studies.models import StoredFile
from studies.storage import files

BLOCK = 1 << 20  # bytes
Tell = Callable[[int], object]  # bytes that were restored
Running = subprocess.Popen[bytes]
# Those of triggers, and not of an extension.
OWN_FUNCTIONS = """
    SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
"""


class Backup(Archive):
    format, kind, advice = FORMAT, "backup", "take another one."
    needs = {"files": dict, "migrations": list, "postgresql": int, "pg_dump": int, "tables": dict, "made_at": str}


def opened(path: Path) -> Backup:
    """Raises BackupError where it is not whole, was changed, or is not what this version can restore."""
    try:
        backup = Backup(path)
        backup.check()
    except BundleError as error:
        raise BackupError(str(error)) from error
    known = {".".join(key) for key in MigrationLoader(None).disk_migrations}
    if newer := set(backup.manifest["migrations"]) - known:
        raise BackupError(f"It was made by a newer version, which has {sorted(newer)[-1]}: upgrade first.")
    if backup.manifest["postgresql"] > postgres.server_major():
        raise BackupError(
            f"It is of PostgreSQL {backup.manifest['postgresql']}, and this database is {postgres.server_major()}: "
            "restore it into one that is not older."
        )
    return backup


def restore(backup: Backup, force: bool, tell: Tell) -> None:
    """Raises BackupError where something is there already, unless it is forced to take its place."""
    _refuse_what_is_there(backup, force)
    with keeping.alone(), tempfile.TemporaryFile() as errors:
        if files().has_bucket:
            _put(backup, tell)
        psql = _started("psql", backup, errors, "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--file=-")
        committed = False
        try:
            with suppress(BrokenPipeError):  # one of the two programs ended, and has said why
                committed = _written(psql, backup, tell, errors)
        finally:
            # Whatever was written goes with psql, unless the COMMIT was, which comes last.
            if psql.stdin:
                with suppress(BrokenPipeError):
                    psql.stdin.close()
            ended = psql.wait()
        if ended or not committed:
            raise BackupError(f"Nothing was restored: {_told(errors)}")
    connection.close()


def left_to_migrate() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def missing() -> int:
    """Files that are neither in the database nor in the bucket."""
    elsewhere = set(StoredFile.objects.filter(content__isnull=True).values_list("name", flat=True))
    if elsewhere and files().has_bucket:
        elsewhere -= {name for name, _ in files().bucket.names()}
    return len(elsewhere)


def _refuse_what_is_there(backup: Backup, force: bool) -> None:
    if force:
        return
    if tables := connection.introspection.table_names():
        raise BackupError(
            f"This database is not empty: it has {len(tables)} tables. Restore into an empty one, or say --force, and "
            "all that is in it is replaced."
        )
    if files().has_bucket and backup.names(FOLDER) and next(files().bucket.names(), None):
        raise BackupError(
            "The bucket is not empty under AUDIO_S3_PREFIX. Two installations must not share one: name another prefix, "
            "or say --force where it is this installation's own."
        )


def _put(backup: Backup, tell: Tell) -> None:
    for name in backup.names(FOLDER):
        content = backup.bytes(name)
        files().bucket.put(name.removeprefix(f"{FOLDER}/"), content)
        tell(len(content))


def _written(psql: Running, backup: Backup, tell: Tell, errors: IO[bytes]) -> bool:
    """Whether it was all, the COMMIT too."""
    assert psql.stdin  # noqa: S101 - it was asked for
    _say(psql, ["BEGIN;", "SET lock_timeout = '10s';", *_emptied()])
    reader = _started("pg_restore", backup, errors, "--no-owner", "--no-privileges", "--file=-", stdout=psql.stdin)
    assert reader.stdin  # noqa: S101
    with backup.open(DUMP) as dump, reader.stdin as pipe:
        while block := dump.read(BLOCK):
            pipe.write(block)
            tell(len(block))
    if reader.wait():
        return False
    if not files().has_bucket:
        for name in backup.names(FOLDER):
            _say(psql, _brought(name.removeprefix(f"{FOLDER}/"), backup.bytes(name)))
    _say(psql, [*_compared(backup.manifest["tables"]), "COMMIT;", "ANALYZE;"])
    return True


def _say(psql: Running, lines: list[str]) -> None:
    assert psql.stdin  # noqa: S101
    psql.stdin.writelines(f"{line}\n".encode() for line in lines)
    psql.stdin.flush()


def _emptied() -> Iterator[str]:
    """What is there goes in the same transaction in which its successor comes."""
    for table in connection.introspection.table_names():
        yield f"DROP TABLE {_quoted(table)} CASCADE;"
    with connection.cursor() as cursor:
        cursor.execute(OWN_FUNCTIONS)
        for (function,) in cursor.fetchall():
            yield f"DROP ROUTINE {function} CASCADE;"


def _brought(name: str, content: bytes) -> list[str]:
    """An object of the backup, where the place has no bucket."""
    told = name.replace("'", "''")
    return [
        f"UPDATE public.studies_storedfile SET content = '\\x{content.hex()}', elsewhere = false "  # noqa: S608
        f"WHERE name = '{told}' AND content IS NULL;"
    ]


def _compared(tables: dict[str, int]) -> Iterator[str]:
    """Every table has as many rows as it had, or nothing is restored."""
    for table, rows in tables.items():
        yield (
            f"DO $$ BEGIN IF (SELECT count(*) FROM {_quoted(table)}) <> {rows} THEN "  # noqa: S608
            f"RAISE EXCEPTION 'table {table} has other rows than the backup'; END IF; END $$;"
        )


def _quoted(table: str) -> str:
    return f"public.{connection.ops.quote_name(table)}"


def _started(
    name: str, backup: Backup, errors: IO[bytes], *options: str, stdout: Any = None
) -> subprocess.Popen[bytes]:
    path = postgres.program(name, max(backup.manifest["pg_dump"], postgres.server_major())).path
    return subprocess.Popen(  # noqa: S603 - PostgreSQL's own
        [path, *options],
        stdin=subprocess.PIPE,
        stdout=stdout or subprocess.DEVNULL,
        stderr=errors,
        env=postgres.environment(),
    )


def _told(errors: IO[bytes]) -> str:
    errors.seek(0)
    return errors.read().decode(errors="replace").strip() or "psql ended"
