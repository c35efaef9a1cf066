"""The page that watches: its frame once, then its parts alone; buttons for those who may press them."""

from __future__ import annotations

import html
import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from studies.models import Clip, Worker


@pytest.fixture
def running(study):
    study.status, study.finished_at = "running", None
    study.save()
    return study


def watch(client: Client, study, **headers) -> str:
    response = client.get(reverse("results:watch", args=[study.slug]), headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_has_steps_who_works_and_what_came_last(running, reader):
    shown = watch(reader, running)

    for words in ("Make audio", "16 of", "Who does what", "Made last", "best_of_n slow piano", "<audio"):
        assert words in shown
    assert "<html" in shown


def test_its_script_asks_for_the_parts_alone(running, reader):
    part = watch(reader, running, **{"X-Live": "1"})

    assert "<html" not in part and 'data-part="steps"' in part


def test_only_who_may_change_a_study_is_offered_to_steer_it(running, owner, viewer, reader):
    Clip.objects.filter(pk=Clip.objects.first().pk).update(state="failed", error="Silence.")
    User.objects.update(is_staff=True)
    looker = Client()
    looker.force_login(viewer)

    assert all(f"<button class={css}" in watch(reader, running) for css in ('"button">Pause', '"quiet">Retry'))
    seen = watch(looker, running)
    assert "Silence." in seen and '<button class="quiet' not in seen and "Cancel for good" not in seen


def test_failed_rows_can_be_looked_at(running, owner, reader):
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    clip = Clip.objects.first()
    Clip.objects.filter(pk=clip.pk).update(state="failed", error="Silence.")

    (address,) = re.findall(r'href="([^"]+)">Which ones', watch(reader, running))
    shown = reader.get(html.unescape(address)).content.decode()

    assert clip.text[:40] in shown and "1 clip" in shown


def test_a_draft_says_what_will_be_here(study, reader):
    study.status, study.launched_at, study.finished_at = "draft", None, None
    study.save()
    assert "Not launched yet" in watch(reader, study)


def test_a_study_that_waits_for_nobody_says_who_is_missing(running, reader):
    assert "No worker is running: start one" in watch(reader, running)


def test_workers_are_listed_with_what_they_serve_and_weigh(study, reader):
    now = timezone.now()
    Worker.objects.create(
        name="celery@barn",
        engines=["sandbox-synthesiser"],
        processes=[{"name": "barn:7", "memory": 300 * 2**20}],
        gpus=[{"name": "NVIDIA H100", "used": 40 * 2**30, "total": 80 * 2**30}],
        started_at=now - timedelta(hours=2),
        seen_at=now,
    )
    Clip.objects.filter(pk=Clip.objects.first().pk).update(
        state="running", worker="barn:7", leased_until=now + timedelta(minutes=1), finished_at=None, lease=uuid.uuid4()
    )

    shown = reader.get(reverse("results:workers")).content.decode()
    for words in (
        "celery@barn",
        "sandbox-synthesiser",
        "300.0\xa0MB",
        "NVIDIA H100",
        "40.0\xa0GB",
        "1 × clip",
        "1 of 1",
    ):
        assert words in shown, words


def test_without_workers_the_page_says_how_to_start_one(study, reader):
    assert "script/server" in reader.get(reverse("results:workers")).content.decode()
