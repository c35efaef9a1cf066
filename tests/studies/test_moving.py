"""Audio moves to S3-compatible storage and back: stopped at any step, nothing is ever missing or left behind."""

from __future__ import annotations

import hashlib
import itertools
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from studies import keeping, moving
from studies.bucket import Bucket
from studies.models import StoredFile
from studies.moving import Mover
from studies.storage import files

SOUNDS = {f"clips/{n}.flac": bytes([n]) * (1000 + n) for n in range(3)}


class Killed(BaseException):
    """As SIGKILL: nothing of what follows is done, and an open transaction is as if it had not begun."""


@pytest.fixture
def sounds(db, s3):
    StoredFile.objects.bulk_create(StoredFile(name=n, content=c, size=len(c)) for n, c in SOUNDS.items())


def moved(to_s3: bool) -> moving.Moved:
    return Mover(files().bucket, to_s3, threads=1, tell=lambda size: None).run()


@contextmanager
def killed_before(step: int, monkeypatch):
    """The process dies before its step of this number: statements and requests to the bucket, counted from 1."""
    count = itertools.count(1)

    def counted(do, *args):
        if next(count) >= step:
            raise Killed
        return do(*args)

    with monkeypatch.context() as patched:
        for name in ("put", "get", "delete"):
            request = getattr(Bucket, name)
            patched.setattr(Bucket, name, lambda *args, request=request: counted(request, *args))
        with connection.execute_wrapper(lambda execute, *args: counted(execute, *args)):
            yield


def readable() -> bool:
    return all(files().read_range(name, 0, len(content)) == content for name, content in SOUNDS.items())


@pytest.mark.parametrize("to_s3", [True, False], ids=["to s3", "to database"])
def test_killed_before_any_of_its_steps_it_loses_nothing_and_ends_the_same(sounds, s3, to_s3, monkeypatch):
    for step in itertools.count(1):
        moved(not to_s3)
        try:
            with killed_before(step, monkeypatch):
                moved(to_s3)
        except Killed:
            pass
        else:
            break
        assert readable(), f"after a kill before step {step}"
        if step % 2:
            moved(not to_s3)  # also the other way round
            assert readable()
        moved(to_s3)
        assert readable()
        assert StoredFile.objects.filter(content__isnull=to_s3, elsewhere=to_s3).count() == len(SOUNDS)
        there = {f"studies/{name}": content for name, content in SOUNDS.items()}
        assert s3.objects() == (there if to_s3 else {})
    assert step > 8


def test_files_of_any_size_come_in_steps_that_fit_into_memory(sounds, monkeypatch):
    monkeypatch.setattr(moving, "ROOM", 2_000)
    monkeypatch.setattr(moving, "PAGE", 2)
    assert list(moving._steps(StoredFile.objects.all())) == [["clips/0.flac"], ["clips/1.flac"], ["clips/2.flac"]]
    assert moved(True).files == 3 and readable()


def test_a_download_that_began_before_finds_what_came_back_meanwhile(transactional_db, s3):
    """Its transaction sees the row as it was: elsewhere, where nothing is any more."""
    StoredFile.objects.bulk_create(StoredFile(name=n, content=c, size=len(c)) for n, c in SOUNDS.items())
    moved(True)
    other = connection.copy()
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            assert StoredFile.objects.filter(content__isnull=True).count() == 3
            for name, content in SOUNDS.items():
                with other.cursor() as cursor:
                    row = [content, name]
                    cursor.execute("UPDATE studies_storedfile SET content = %s, elsewhere = false WHERE name = %s", row)
                s3.delete(f"studies/{name}")
            assert StoredFile.objects.filter(content__isnull=True).count() == 3
            assert readable()
            assert files().read_range("clips/2.flac", 10, 5) == SOUNDS["clips/2.flac"][10:15]
    finally:
        other.close()


def test_what_is_damaged_or_missing_in_the_bucket_stays_there_and_is_named(sounds, s3, capsys):
    call_command("move_audio", "--to", "s3")
    s3.put("studies/clips/0.flac", b"other bytes")
    s3.delete("studies/clips/1.flac")
    with pytest.raises(CommandError) as error:
        call_command("move_audio", "--to", "database")
    assert "clips/0.flac: its bytes in the bucket are not those that were put there" in str(error.value)
    assert "clips/1.flac: it is not in the bucket" in str(error.value)
    assert set(StoredFile.objects.filter(elsewhere=True).values_list("name", flat=True)) == {
        "clips/0.flac",
        "clips/1.flac",
    }
    assert "1 files" in capsys.readouterr().out and list(s3.objects()) == ["studies/clips/0.flac"]


def test_it_says_how_much_it_moved_and_where_new_files_go(sounds, s3, capsys):
    call_command("move_audio", "--to", "s3")
    told = capsys.readouterr().out
    assert "3 files (3,003 bytes) moved to s3; 0 are left." in told and "New files still go to database" in told
    s3.new_files("s3")
    call_command("move_audio", "--to", "s3")
    told = capsys.readouterr().out
    assert "0 files (0 bytes) moved to s3; 0 are left." in told and "New files" not in told
    rows = StoredFile.objects.values_list("name", "sha256")
    assert all(digest == hashlib.sha256(SOUNDS[name]).hexdigest() for name, digest in rows)


def test_two_at_once_are_refused_and_so_is_one_beside_a_backup(transactional_db, s3, monkeypatch):
    monkeypatch.setattr(keeping, "PATIENCE", 0)
    other = connection.copy()
    try:
        for kind in ("", "_shared"):
            with other.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_lock{kind}(%s)", [keeping.LOCK])
            with pytest.raises(CommandError, match="backed up by another process"):
                call_command("move_audio", "--to", "s3")
            with other.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_unlock{kind}(%s)", [keeping.LOCK])
        call_command("move_audio", "--to", "s3")
    finally:
        other.close()


def test_without_a_bucket_it_says_what_is_missing(db):
    with pytest.raises(CommandError, match="AUDIO_S3_BUCKET"):
        call_command("move_audio", "--to", "s3")
