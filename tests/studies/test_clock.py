"""The database's clock decides. A host whose own clock is an hour off changes nothing."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from studies import actions, clock
from studies.models import Rewrite
from tests import factories

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=30)


def now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


@pytest.fixture(params=[-1, 1], ids=["behind", "ahead"])
def off(request, monkeypatch) -> timedelta:
    """This host's clock is an hour behind, or ahead."""
    hour, machine = request.param * 3600, time.time
    monkeypatch.setattr(time, "time", lambda: machine() + hour)
    monkeypatch.setattr(timezone, "now", lambda: datetime.fromtimestamp(machine() + hour, UTC))
    return timedelta(seconds=hour)


def test_a_clock_is_the_databases(off):
    assert abs(clock.Clock().now() - now()) < SOON


def test_it_goes_on_by_itself_and_asks_again_now_and_then(monkeypatch, django_assert_num_queries):
    own = clock.Clock()
    monkeypatch.setattr(clock, "BELIEVED", 30.0)
    with django_assert_num_queries(1):
        first, second = own.now(), own.now()
    assert first <= second

    counter = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: counter() + clock.BELIEVED + 1)
    with django_assert_num_queries(1):
        own.now()


def test_a_lease_runs_by_the_databases_clock(off, settings):
    actions.launch(study=factories.study(arms=("instruct",)), by=None)
    settings.LEASE_SECONDS = 60

    batch = actions.claim(worker="w")

    until = set(Rewrite.objects.values_list("leased_until", flat=True)).pop()
    assert abs(until - now() - timedelta(seconds=60)) < SOON
    assert actions.claim(worker="other") is None
    actions.renew(batch)
    assert abs(Rewrite.objects.first().leased_until - now() - timedelta(seconds=60)) < SOON


def test_a_lost_row_is_found_by_the_databases_clock(off):
    actions.launch(study=factories.study(arms=("instruct",)), by=None)
    actions.claim(worker="lost")
    Rewrite.objects.update(leased_until=now() - timedelta(seconds=1))

    assert len(actions.claim(worker="found").rows) == 4


def test_rows_that_are_given_back_wait_as_before():
    actions.launch(study=factories.study(arms=("instruct",)), by=None)
    batch = actions.claim(worker="w")

    assert actions.give_back(batch) == 4

    assert set(Rewrite.objects.values_list("state", "attempts", "lease")) == {("waiting", 0, None)}
    assert actions.give_back(batch) == 0, "whoever has lost them gives nothing back"
