"""A backup holds every row and every byte, and comes back whole or not at all."""

from __future__ import annotations

import fcntl
import io
import itertools
import json
import os
import re
import signal
import subprocess
import time
import zipfile
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from config.backup import BackupError, making, place, postgres, restoring
from listening.actions.open_trials import open_trials
from listening.simulation import simulate
from studies.models import StoredFile, TextEmbedding
from studies.storage import files
from tests import factories
from tests.servers import database_url

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300  # seconds
_count = itertools.count(1)
WEIGHTS = os.urandom(12 * 2**20)
ELSEWHERE = {"clips/far.flac": os.urandom(50_000), "clips/strange'name.flac": b"", "clips/other.flac": b"\\x00\n\r\\."}


@pytest.fixture
def guarded(db):
    """A table whose rows stay, by a trigger."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;"
            "CREATE TRIGGER stays BEFORE DELETE ON studies_event FOR EACH ROW EXECUTE FUNCTION stays()"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION stays CASCADE")


@pytest.fixture
def filled(s3):
    """A study with votes, some sounds and weights in the database, some sounds in the bucket."""
    study = factories.complete(factories.study(votes_per_trial=2))
    open_trials(study=study)
    simulate(study=study, raters=3, seed=1)
    TextEmbedding.objects.create(
        identity="e", scorer=study.oracle, text="a, \t\\N\n“b”", vector=[0.1] * 512, state="done"
    )
    files().save_all({"checkpoints/large.safetensors": WEIGHTS})
    s3.new_files("s3")
    files().save_all(ELSEWHERE)
    return study


@pytest.fixture
def empty():
    """The address of a database with nothing in it."""
    name = f"restored_{os.getpid()}_{next(_count)}"
    with psycopg.connect(database_url(), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield database_url().replace(f"/{connection.settings_dict['NAME']}?", f"/{name}?")
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def script(name: str, *args: object, **environment: str) -> subprocess.CompletedProcess:
    told = {**os.environ, "DATABASE_URL": database_url(), "PYTHONWARNINGS": "ignore", **environment}
    command = ["sh", ROOT / "script" / name, *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, env=told, timeout=PATIENCE)


TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
SHAPE = [
    "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
    "SELECT attrelid::regclass::text, attname, atttypid::regtype::text, attnotnull, attstorage, attidentity "
    "FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid IN (SELECT oid FROM pg_class WHERE "
    "relkind = 'r' AND relnamespace = 'public'::regnamespace) ORDER BY 1, attname",
    "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1",
    "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2",
]


def everything(address: str) -> dict[str, object]:
    """Every row of every table in PostgreSQL's binary form, and the shape of the tables."""
    found: dict[str, object] = {}
    with psycopg.connect(address) as database:
        for (table,) in database.execute(TABLES).fetchall():
            rows = io.BytesIO()
            all_of_it = f'COPY (SELECT * FROM "{table}" ORDER BY 1) TO STDOUT (FORMAT binary)'  # noqa: S608
            with database.cursor().copy(all_of_it) as copy:
                for block in copy:
                    rows.write(block)
            found[table] = rows.getvalue()
        for number, question in enumerate(SHAPE):
            found[f"shape {number}"] = [tuple(map(uncast, row)) for row in database.execute(question).fetchall()]
    return found


def uncast(told: object) -> object:
    """PostgreSQL tells a restored check of texts with its casts at another place."""
    return re.sub(r"::(text|character varying)(\[\])?|[()]", "", told) if isinstance(told, str) else told


def test_every_row_and_byte_comes_back_into_an_empty_place(filled, guarded, s3, empty, tmp_path):
    done = script("backup", f"{tmp_path}/", "--keep", "2")
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.glob("audionese-*.backup")
    assert path.stat().st_mode & 0o077 == 0 and "3 objects" in done.stdout
    before = everything(database_url())
    assert len(before) > 50 and before["shape 2"] and sum(map(len, before.values())) > len(WEIGHTS)

    refused = script("restore", path)  # where it comes from
    assert refused.returncode == 1 and "not empty" in refused.stderr and everything(database_url()) == before

    done = script("restore", path, DATABASE_URL=empty, AUDIO_S3_PREFIX="other")
    assert done.returncode == 0, done.stderr
    after = everything(empty)
    assert [table for table in before if before[table] != after.get(table)] == [] and set(after) == set(before)
    assert s3.objects() == {f"{place}/{name}": ELSEWHERE[name] for place in ("studies", "other") for name in ELSEWHERE}

    done = script("restore", "--force", path, DATABASE_URL=empty, AUDIO_S3_BUCKET="")
    assert done.returncode == 0, done.stderr
    after = everything(empty)
    assert [table for table in before if before[table] != after.get(table)] == ["studies_storedfile"]
    with psycopg.connect(empty) as database:
        held = dict(database.execute("SELECT name, content FROM studies_storedfile WHERE NOT elsewhere").fetchall())
    assert ELSEWHERE.items() <= held.items() and held["checkpoints/large.safetensors"] == WEIGHTS
    assert len(held) == StoredFile.objects.count()


def test_a_restore_that_is_killed_leaves_the_place_empty_or_has_filled_it(filled, empty, tmp_path):
    making.make(tmp_path / "a.backup", True, lambda size: None)
    told = {**os.environ, "DATABASE_URL": empty, "PYTHONWARNINGS": "ignore", "AUDIO_S3_PREFIX": "third"}
    command = ["sh", ROOT / "script" / "restore", tmp_path / "a.backup"]
    process = subprocess.Popen(command, env=told, stdout=subprocess.DEVNULL, start_new_session=True)
    with psycopg.connect(database_url(), autocommit=True) as server:
        name = empty.split("?")[0].rsplit("/", 1)[1]
        sessions = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608
        writing = f"{sessions} AND query ~ '^(COPY|CREATE|ALTER)'"
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and not server.execute(writing).fetchone()[0]:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)  # the one that gives the orders; psql hears that nothing more comes
        process.wait()
        while server.execute(sessions).fetchone()[0]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    with psycopg.connect(empty) as database:
        count = len(database.execute(TABLES).fetchall())
    assert count == (0 if process.returncode == -9 else len(connection.introspection.table_names()))


@pytest.fixture
def made(db, tmp_path) -> Path:
    files().save_all({"clips/a.flac": b"sound" * 1000})
    making.make(tmp_path / "small.backup", True, lambda size: None)
    return tmp_path / "small.backup"


def edited(path: Path, **changes) -> Path:
    """With other words in its manifest."""
    other = path.with_name("edited.backup")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        new.writestr("database.dump", old.read("database.dump"))
        new.writestr("manifest.json", json.dumps({**json.loads(old.read("manifest.json")), **changes}))
    return other


def test_what_was_cut_off_changed_or_is_of_another_kind_is_refused(made, tmp_path):
    whole = made.read_bytes()
    cut, changed, other = (tmp_path / name for name in ("cut", "changed", "other"))
    cut.write_bytes(whole[:-100])
    middle = len(whole) // 2
    changed.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    other.write_bytes(b"PGDMP")
    for path, told in ((cut, "no whole backup"), (changed, "changed|damaged|CRC"), (other, "no whole backup")):
        with pytest.raises((BackupError, zipfile.BadZipFile), match=told):
            restoring.opened(path)
    with pytest.raises(BackupError, match="There is no file"):
        restoring.opened(tmp_path / "none")
    assert restoring.opened(made).manifest["tables"]["studies_storedfile"] == 1


def test_a_backup_of_a_newer_version_is_refused(made):
    migrations = restoring.opened(made).manifest["migrations"]
    with pytest.raises(BackupError, match=r"newer version, which has studies\.9999_more: upgrade first"):
        restoring.opened(edited(made, migrations=[*migrations, "studies.9999_more"]))
    with pytest.raises(BackupError, match="It is of PostgreSQL 99"):
        restoring.opened(edited(made, postgresql=99))


def test_rows_that_do_not_arrive_undo_the_restore(made, empty):
    tables = restoring.opened(made).manifest["tables"]
    more = edited(made, tables={**tables, "studies_clip": tables["studies_clip"] + 1})
    done = script("restore", more, DATABASE_URL=empty)
    assert done.returncode == 1 and "table studies_clip has other rows than the backup" in done.stderr
    with psycopg.connect(empty) as database:
        assert database.execute(TABLES).fetchall() == []


def test_programs_older_than_the_server_are_named_with_the_way_out(tmp_path, monkeypatch):
    old = tmp_path / "bin" / "pg_dump"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.18 (Debian)'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(old.parent), prepend=os.pathsep)
    assert postgres.program("pg_dump", 18).major == 18
    monkeypatch.setenv("AUDIONESE_PG_BIN", str(old.parent))
    with pytest.raises(BackupError, match=r"PostgreSQL 18 or later, and here is 15 in .*postgresql-client-18"):
        making.make(tmp_path / "a.backup", True, lambda size: None)
    assert list(tmp_path.glob("*.backup*")) == []


def test_what_no_dump_can_hold_is_said_before(tmp_path):
    StoredFile.objects.create(name="checkpoints/huge", content=b"x", size=700_000_000)
    with pytest.raises(BackupError, match=r"checkpoints/huge.*move_audio --to s3"):
        making.make(tmp_path / "a.backup", True, lambda size: None)


def test_a_missing_object_makes_no_backup(filled, s3, tmp_path):
    s3.delete("studies/clips/far.flac")
    with pytest.raises(BackupError, match=r"clips/far\.flac is not in the bucket"):
        making.make(tmp_path / "a.backup", True, lambda size: None)
    assert list(tmp_path.iterdir()) == []
    manifest = making.make(tmp_path / "a.backup", False, lambda size: None)
    assert manifest["elsewhere"] == {"objects": 3, "included": False} and restoring.missing() == 1


def test_what_a_killed_one_left_goes_and_what_another_writes_stays(tmp_path):
    dead, alive = tmp_path / "a.backup.partial", tmp_path / "b.backup.partial"
    dead.touch()
    with alive.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with place.whole(tmp_path / "c.backup") as made:
            made.write(b"all of it")
            assert not (tmp_path / "c.backup").exists()
        with pytest.raises(OSError, match="full"), place.whole(tmp_path / "d.backup"):
            raise OSError("the disk is full")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.backup.partial", "c.backup"]


def test_a_folder_keeps_the_newest(tmp_path):
    names = [f"audionese-2026110{day}T031700Z.backup" for day in range(1, 6)]
    for name in (*names, "my-own.backup"):
        (tmp_path / name).touch()
    assert [path.name for path in place.keep(tmp_path, 2)] == names[:3]
    assert sorted(path.name for path in tmp_path.iterdir()) == [*names[3:], "my-own.backup"]
    with pytest.raises(BackupError, match="there already"):
        place.named(str(tmp_path / names[4]))
    with pytest.raises(BackupError, match="There is no folder"):
        place.named(str(tmp_path / "none" / "a.backup"))
    assert place.named(f"{tmp_path}/new/").parent.is_dir()
