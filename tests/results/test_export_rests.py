"""Whole files are made slowly while somebody votes, and at full speed when nobody does."""

from __future__ import annotations

import pytest
from django.urls import reverse

from listening.actions.open_trials import open_trials
from results.exports import rests
from results.exports.rests import SHARE, STAYS, Rests
from results.exports.slots import Slot
from tests import factories
from tests.listening.raters import consented, take_and_vote


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass where a test says so, and while somebody rests."""

    class Clock:
        now, rested = 0.0, 0.0

        def monotonic(self) -> float:
            return self.now

        def sleep(self, seconds: float) -> None:
            self.now += seconds
            self.rested += seconds

    made = Clock()
    monkeypatch.setattr(rests, "time", made)
    return made


def blocks(clock, number: int, seconds: float):
    """Each takes so many seconds to make."""
    for at in range(number):
        clock.now += seconds
        yield bytes([at % 256])


def test_without_voters_nothing_rests(clock):
    assert list(Rests(lambda: 7)(blocks(clock, 100, 0.1))) == [bytes([n]) for n in range(100)]
    assert clock.rested == 0


def test_while_somebody_votes_it_works_for_its_share_of_the_time(clock):
    seen = list(Rests(lambda: int(clock.now))(blocks(clock, 200, 0.1)))

    assert len(seen) == 200
    worked = clock.now - clock.rested
    assert worked / clock.now == pytest.approx(SHARE, abs=0.05)


def test_it_hurries_again_when_raters_have_gone(clock):
    votes = iter([1, 2])
    list(Rests(lambda: next(votes, 2))(blocks(clock, 20 * int(STAYS), 0.1)))

    assert 0 < clock.rested < STAYS


def test_no_rest_is_so_long_that_somebody_hangs_up(clock):
    list(Rests(lambda: int(clock.now))(blocks(clock, 3, 60.0)))

    assert clock.rested == 2 * rests.LONGEST  # of the first block nobody knows yet


def test_what_it_reads_from_is_closed_with_it(clock):
    source = blocks(clock, 10, 0.1)
    stream = Rests(lambda: 0)(source)
    next(stream)
    stream.close()

    assert next(source, None) is None


@pytest.mark.django_db(transaction=True)
def test_a_slot_sees_votes_that_its_file_does_not():
    study = factories.complete(factories.study(votes_per_trial=2))
    open_trials(study=study)
    with Slot() as slot:
        before = slot.votes()
        take_and_vote(consented(study))
        assert slot.votes() == before + 1
        slot.close()


def test_a_file_is_the_same_with_rests_or_without(voted, reader, monkeypatch):
    where = reverse("api:records-file", args=[voted.slug, "votes", "jsonl"])
    quick = reader.get(where).getvalue()
    counted = iter(range(10_000))
    monkeypatch.setattr(Slot, "votes", lambda slot: next(counted))
    monkeypatch.setattr(rests, "LOOKS", 0.0)
    monkeypatch.setattr("results.exports.writing.BLOCK", 100)

    assert reader.get(where).getvalue() == quick
    part = reader.get(where, headers={"Range": "bytes=5-20"})
    assert part.status_code == 206 and part.getvalue() == quick[5:21]
