"""What beat does by itself goes on when the machine's clock is set."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from celery.schedules import schedule
from django.conf import settings

from config import beat
from config.celery import app


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_changes_nothing(monkeypatch, hours):
    sweep, began, machine = beat.every(10.0), beat.steady(), time.time

    monkeypatch.setattr(time, "time", lambda: machine() + hours * 3600)

    due, rest = sweep.is_due(began)
    assert not due and 5 < rest <= 10
    assert sweep.is_due(began - timedelta(seconds=11))[0]


def test_it_begins_with_what_time_it_is():
    assert abs(beat.steady() - datetime.now(UTC)) < timedelta(minutes=5)


def test_whatever_is_done_by_itself_is_counted_so():
    schedules = [entry["schedule"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]

    assert all(isinstance(each, schedule) and each.nowfun is beat.steady for each in schedules)
    assert app.conf.beat_scheduler == "celery.beat:Scheduler", "no file remembers a time that has not come"
