"""Whole files are made a few at a time: whoever comes then is told when, and nobody keeps a place for good."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.urls import reverse

from results.exports.slots import ROOM, Busy, Held, Slot

pytestmark = pytest.mark.usefixtures("free_slots")


@pytest.fixture
def elsewhere():
    """A connection of another process: locks of one's own never stand in one's way."""
    other = connection.copy()
    yield other
    other.close()


def take(other, number: int) -> None:
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [ROOM, number])


@pytest.fixture
def held(elsewhere):
    """How many places are taken, as others see it: a connection that sends a file answers nothing else."""
    # PostgreSQL lists the locks of all its databases, those too of the tests that run beside this one.
    taken = """SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
        WHERE datname = current_database() AND locktype = 'advisory' AND classid = %s"""

    def count() -> int:
        with elsewhere.cursor() as cursor:
            cursor.execute(taken, [ROOM])
            return cursor.fetchone()[0]

    return count


def test_beyond_so_many_one_is_told_to_come_back(voted, reader, settings, elsewhere, held):
    settings.EXPORTS_AT_ONCE = 2
    where = reverse("api:records-file", args=[voted.slug, "votes", "csv"])
    take(elsewhere, 0)
    assert reader.get(where).getvalue()
    take(elsewhere, 1)
    for headers in ({}, {"Range": "bytes=0-9"}):
        busy = reader.get(where, headers=headers)
        assert (busy.status_code, busy["Retry-After"], busy["Content-Type"]) == (503, "5", "application/problem+json")
        assert "come back" in busy.json()["detail"]
    assert reader.head(where).status_code == 200  # nothing is made for it
    elsewhere.close()  # as when its process dies
    until = time.monotonic() + 60
    while held():
        assert time.monotonic() < until
        time.sleep(0.1)
    assert reader.get(where).getvalue()


def test_a_place_is_given_back_whatever_becomes_of_the_file(voted, reader, held, monkeypatch):
    monkeypatch.setattr("results.exports.writing.BLOCK", 100)
    monkeypatch.setattr("results.records.streaming.CHUNK", 2)
    # The end of an answer is not the end of the connection that the test shares with it.
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
    where = reverse("api:export", args=[voted.slug])
    reader.get(where).getvalue()
    assert held() == 0
    begun = reader.get(reverse("api:records-file", args=[voted.slug, "votes", "jsonl"]))
    assert next(iter(begun.streaming_content)).count(b"\n") == 1
    assert held() == 1
    begun.close()
    assert held() == 0
    reader.get(where).close()  # before its first byte
    assert reader.get(where, headers={"Range": "bytes=999999999-"}).status_code == 416
    assert reader.get(where, headers={"Range": "bytes=0-9"}).getvalue()
    assert held() == 0


def test_whoever_has_all_of_a_file_may_ask_for_the_next(db, held):
    seen = [(block, held()) for block in Held(iter([b"a", b"b"]), Slot())]
    assert seen == [(b"a", 1), (b"b", 0)] and list(Held(iter([]), Slot())) == []


def test_a_file_that_fails_gives_its_place_back(db, held):
    def broken():
        yield b"a"
        raise RuntimeError

    stream = Held(broken(), Slot())
    with pytest.raises(RuntimeError):
        list(stream)
    stream.close()
    stream.close()
    assert held() == 0


def test_no_place_at_all(db, settings):
    settings.EXPORTS_AT_ONCE = 0
    with pytest.raises(Busy):
        Slot()
