"""A database that goes away, or a disk that is full: no row fails of it, and nothing is made twice."""

import errno
import threading
import time
from datetime import timedelta

import pytest
from botocore.exceptions import EndpointConnectionError
from django.db import OperationalError, connection
from kombu.exceptions import OperationalError as BrokerError

from inference import leases, presence, tasks, trouble
from inference.pace import Turn
from studies import actions, clock
from studies.actions import Outcome
from studies.models import Rewrite, Worker
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _study():
    actions.launch(study=factories.study(arms=("instruct",)), by=None)
    yield
    connection.close()  # a test may leave one that is cut


def cut() -> None:
    """What a restart of PostgreSQL does to whoever is connected."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def named(rows):
    return [Outcome(row.pk, {"text": f"{row.source}, loud"}) for row in rows]


def test_rows_whose_engine_lost_the_database_wait_again_as_if_nobody_had_tried(monkeypatch):
    monkeypatch.setitem(tasks.SERVE, "rewrite", lambda rows: cut())

    assert tasks.work() == 0

    assert set(Rewrite.objects.values_list("state", "attempts", "error")) == {("waiting", 0, "")}


AWAY = (
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EDQUOT, "Disk quota exceeded"),
    EndpointConnectionError(endpoint_url="http://bucket.example"),
)


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_rows_whose_engine_found_no_room_or_no_bucket_wait_again(monkeypatch, error):
    def away(rows):
        raise error

    monkeypatch.setitem(tasks.SERVE, "rewrite", away)

    assert tasks.work() == 0

    assert set(Rewrite.objects.values_list("state", "attempts")) == {("waiting", 0)}


def test_any_other_error_is_the_rows_own(monkeypatch):
    def broken(rows):
        raise OSError(errno.ENOENT, "No such model")

    monkeypatch.setitem(tasks.SERVE, "rewrite", broken)

    tasks.work()

    assert set(Rewrite.objects.values_list("state", flat=True)) == {"failed"}


def test_finished_work_is_recorded_once_the_database_is_back(monkeypatch):
    record, tries = actions.record, []

    def first_in_vain(**told):
        tries.append(told)
        if len(tries) == 1:
            cut()
        return record(**told)

    monkeypatch.setattr(tasks, "record", first_in_vain)
    monkeypatch.setitem(tasks.SERVE, "rewrite", named)

    assert tasks.one_batch() == 4

    assert len(tries) == 2
    assert set(Rewrite.objects.values_list("state", "attempts")) == {("done", 1)}


def test_a_commit_whose_answer_was_lost_records_nothing_twice(monkeypatch):
    record, tries = actions.record, []

    def answer_lost(**told):
        tries.append(record(**told))
        if len(tries) == 1:
            cut()
        return tries[-1]

    monkeypatch.setattr(tasks, "record", answer_lost)
    monkeypatch.setitem(tasks.SERVE, "rewrite", named)

    tasks.one_batch()

    assert tries == [4, 0]


def test_a_database_that_stays_away_is_given_up_at_last(monkeypatch):
    monkeypatch.setattr(trouble, "PATIENCE", 0.0)

    with pytest.raises(OperationalError):
        trouble.survived(cut)


def test_a_lease_is_renewed_after_the_database_was_away(settings, monkeypatch):
    settings.LEASE_SECONDS = 0.3
    renew, renewed = actions.renew, threading.Event()

    def first_in_vain(batch):
        if not hasattr(first_in_vain, "tried"):
            first_in_vain.tried = True
            cut()
        renew(batch)
        renewed.set()

    monkeypatch.setattr(leases, "renew", first_in_vain)

    with leases.kept(actions.claim(worker="w")):
        assert renewed.wait(60)


class Broker:
    """One that is away, then back: what a worker's app sends is kept."""

    def __init__(self) -> None:
        self.tries, self.sent = 0, threading.Event()

    def send_task(self, *told, **more):
        self.tries += 1
        if self.tries == 1:
            raise BrokerError("Connection refused")
        self.sent.set()


def test_a_worker_goes_on_announcing_itself_when_the_broker_was_away(settings):
    settings.SWEEP_SECONDS = 0.05
    broker = Broker()
    here = presence.Presence(broker, "w")
    here.start()
    try:
        assert broker.sent.wait(60)
    finally:
        here.stopped.set()
        here.join()
    assert Worker.objects.filter(name="w").exists()


def test_pauses_grow_no_longer_than_the_last(monkeypatch):
    slept, tries = [], iter(range(9))
    monkeypatch.setattr(time, "sleep", slept.append)

    def eighth():
        if next(tries) < 8:
            raise OperationalError("away")
        return "there"

    assert trouble.survived(eighth) == "there"
    assert slept == [0.2, 0.5, 1.0, 2.0, 5.0, 5.0, 5.0, 5.0]


def test_sweeps_that_queued_up_behind_a_long_call_are_one(django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(tasks, "turn", Turn())
    tasks.sweep()

    with django_assert_num_queries(0):
        tasks.sweep()


def test_a_sweep_comes_again_when_it_is_time(settings, monkeypatch):
    monkeypatch.setattr(tasks, "turn", Turn())
    settings.SWEEP_SECONDS = 0.0
    tasks.sweep()
    actions.claim(worker="lost")
    Rewrite.objects.update(leased_until=clock.now() - timedelta(seconds=1), attempts=99)

    tasks.sweep()

    assert set(Rewrite.objects.values_list("state", flat=True)) == {"failed"}
