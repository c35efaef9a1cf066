"""A study at work, one that is cancelled, and one that pauses itself: copies of the demo's, deleted afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.urls import reverse

from config.screenshots.camera import Camera, Studio
from config.screenshots.people import demo
from studies import actions
from studies.actions.delete import AT_WORK
from studies.clearing import clear
from studies.models import Clip, EngineSpec, Study

COPIES = "pictures"  # how the addresses of copies begin
WAIT = 300  # seconds for a worker, on a machine that has much to do
ENOUGH = 24  # clips that are made when the picture of a study at work is taken
# A generator that the demo's worker refuses, and says why: nobody has named its program to it.
OURS = {"kind": "generator", "engine": "command", "checkpoint": "noise", "revision": "1.0"}
PROGRAM = {"command": ["/opt/models/noise.py"], "sample_rate": 16000}


@contextmanager
def copy_of(study: Study, name: str, *, without: tuple[str, ...] = (), **fields: Any) -> Iterator[Study]:
    """A draft like it under another name, without the arms of these methods. It goes, with what it alone wanted."""
    copy = actions.duplicate(study=study, by=study.created_by)
    copy.arms.filter(method__in=without).delete()
    kept = set(copy.arms.values_list("key", flat=True))
    pairs = [pair for pair in copy.listening_pairs if set(pair) <= kept]
    fields = {"name": name, "slug": actions.free_slug(COPIES), "listening_pairs": pairs, **fields}
    Study.objects.filter(pk=copy.pk).update(**fields)
    copy.refresh_from_db()
    try:
        yield copy
    finally:
        copy.refresh_from_db()
        if copy.status in AT_WORK:
            actions.cancel(study=copy, by=None)
        clear(actions.delete(study=copy))


def launched(study: Study, *until: str) -> None:
    """Launches it and returns when it has come to one of these states. Raises TimeoutError."""
    actions.launch(study=study, by=study.created_by)
    wait(lambda: Study.objects.filter(pk=study.pk, status__in=until).exists(), f"{study} did not become {until}")


def wait(reached, otherwise: str) -> None:
    deadline = time.monotonic() + WAIT
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(0.2)


def take(studio: Studio) -> None:
    wide = studio.camera(user=demo())
    with copy_of(studio.study, "Another seed of the same question", seed=studio.study.seed + 1000) as study:
        _at_work(wide, study)
        _cancelled(wide, study)
    spec = EngineSpec.objects.create(name="A model of our own", slug="pictures-noise", parameters=PROGRAM, **OURS)
    try:
        with copy_of(studio.study, "With a model of our own", generator=spec) as study:
            _failing(wide, study)
    finally:
        spec.delete()


def _at_work(wide: Camera, study: Study) -> None:
    watching, page = reverse("results:watch", args=[study.slug]), reverse("admin:studies_study_change", args=[study.pk])
    wide.take("admin-study-ready", page)
    launched(study, Study.Status.RUNNING)
    made = Clip.objects.filter(renderings__candidate__arm__study=study, state=Clip.State.DONE)
    wait(lambda: made.count() >= ENOUGH, f"{study}: nobody makes clips")
    wide.take("watch-running", watching)
    wide.take("workers-busy", reverse("results:workers"))
    wide.take("results-running", reverse("results:study", args=[study.slug]))
    wide.take("admin-study-running", page)


def _cancelled(wide: Camera, study: Study) -> None:
    watching = reverse("results:watch", args=[study.slug])
    wide.go(watching)
    wide.press("Pause")
    wide.page.get_by_role("button", name="Resume").wait_for()
    wide.take("watch-paused")
    wide.press("Cancel for good …")
    wide.take("admin-cancel")
    wide.press("Cancel 1 study for good")
    wide.take("watch-cancelled", watching)


def _failing(wide: Camera, study: Study) -> None:
    launched(study, Study.Status.PAUSED)
    wide.take("watch-failed", reverse("results:watch", args=[study.slug]))
    wide.take("admin-study-paused", reverse("admin:studies_study_change", args=[study.pk]))
    failed = f"?study={study.pk}&state__exact=failed"
    wide.take("admin-clips-failed", reverse("admin:studies_clip_changelist") + failed)
