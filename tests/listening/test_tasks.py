"""What beat sends does its work, and is sent at all."""

import logging
from datetime import timedelta

from celery import current_app
from django.utils import timezone

from listening import tasks
from listening.actions.take_trial import take_trial
from listening.models import ListeningTest, Session
from tests.listening.raters import consented


def test_a_session_that_took_too_long_gives_its_claim_back(study, caplog):
    ListeningTest.objects.filter(study=study).update(session_minutes=60)
    session = consented(study, now=timezone.now() - timedelta(hours=2))
    take_trial(session=session, now=session.started_at)

    with caplog.at_level(logging.INFO):
        tasks.time_out()

    session.refresh_from_db()
    assert session.state == "timed_out"
    assert list(session.presentations.values_list("state", flat=True)) == ["released"]
    assert "1 sessions timed out" in caplog.text


def test_a_rater_whose_retention_is_over_is_forgotten(study):
    ListeningTest.objects.filter(study=study).update(retention_days=30)
    consented(study, name="known", now=timezone.now() - timedelta(days=31))

    tasks.forget()

    assert Session.objects.get().rater.external_id != "known"


def test_beat_sends_both():
    current_app.loader.import_default_modules()  # as a worker does
    sent = {entry["task"] for entry in current_app.conf.beat_schedule.values()}

    assert {tasks.time_out.name, tasks.forget.name} <= sent <= set(current_app.tasks)
