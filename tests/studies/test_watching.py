"""What people see who watch: who holds what, how fast it goes, what came last, what failed and why."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from studies import actions, crew, failures, newest, workers
from studies.models import Clip, Rewrite, Work
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now


@pytest.fixture
def study():
    return factories.complete(factories.study(prompt_set=factories.prompt_set(test=3)))


@pytest.fixture
def other(study):
    """Of another team, with rows of its own that stand in the same states."""
    return factories.complete(factories.study(prompt_set=factories.prompt_set(test=3)))


def clips(study) -> list[Clip]:
    return list(Clip.objects.filter(renderings__candidate__arm__study=study).order_by("pk"))


def hold(study, n: int, worker: str = "barn:7", **fields) -> None:
    held = [clip.pk for clip in clips(study)[:n]]
    leased = {"leased_until": NOW() + timedelta(minutes=1), "finished_at": None, "lease": uuid.uuid4(), **fields}
    Clip.objects.filter(pk__in=held).update(state=Work.State.RUNNING, worker=worker, **leased)


def announce(name: str = "celery@barn", pids: tuple[str, ...] = ("barn:1", "barn:7", "barn:8")) -> None:
    workers.announce(name, ["sandbox-synthesiser"], NOW() - timedelta(minutes=5))
    memory = [{"name": pid, "memory": 100} for pid in pids]
    workers.Worker.objects.filter(name=name).update(processes=memory)


def test_what_a_process_holds_is_told_by_step_and_engine(study, other):
    hold(study, 2)
    hold(other, 1, worker="barn:8")

    assert [(held.worker, held.kind, held.rows) for held in crew.holding(study)] == [("barn:7", "clip", 2)]
    assert crew.holding(study)[0].engine == study.generator.name
    assert {held.worker for held in crew.holding()} == {"barn:7", "barn:8"}


def test_a_lease_that_ran_out_is_held_by_nobody(study):
    hold(study, 2, leased_until=NOW() - timedelta(seconds=1))
    assert crew.holding(study) == []


def test_workers_are_shown_with_their_processes_and_their_pace(study):
    announce()
    hold(study, 2)
    made = [clip.pk for clip in clips(study)[2:]]
    Clip.objects.filter(pk__in=made).update(worker="barn:8", seconds=0.5, finished_at=NOW())

    (member,) = crew.crew()
    assert (member.memory, member.busy, len(member.processes)) == (300, 1, 3)
    assert {process.name: sum(held.rows for held in process.held) for process in member.processes} == {
        "barn:1": 0,
        "barn:7": 2,
        "barn:8": 0,
    }
    assert member.rate == pytest.approx(len(made) / 5, rel=0.05)  # rows a minute, over the five that it has been up


def test_a_worker_that_fell_silent_is_not_shown(study):
    announce()
    workers.Worker.objects.update(seen_at=NOW() - timedelta(minutes=5))
    assert crew.crew() == []


def test_throughput_counts_each_row_once_and_only_late_ones(study):
    rows = clips(study)
    Clip.objects.filter(pk__in=[clip.pk for clip in rows]).update(worker="barn:7", seconds=0.5, finished_at=NOW())
    Clip.objects.filter(pk=rows[0].pk).update(finished_at=NOW() - timedelta(hours=1))
    study.launched_at = NOW() - timedelta(minutes=2)

    (row,) = crew.throughput(study)
    assert (row.kind, row.engine, row.rows, row.seconds) == ("clip", study.generator.name, len(rows) - 1, 0.5)
    assert row.rate == pytest.approx((len(rows) - 1) / 2, rel=0.05)


def test_the_newest_rewrites_and_clips_come_first_and_are_the_study_s_own(study, other):
    rows = clips(study)
    for age, clip in enumerate(rows):
        Clip.objects.filter(pk=clip.pk).update(finished_at=NOW() - timedelta(minutes=age))
    Clip.objects.filter(pk__in=[clip.pk for clip in clips(other)]).update(finished_at=NOW())
    Rewrite.objects.update(finished_at=NOW())

    assert [one.clip.pk for one in newest.clips(study, 2)] == [rows[0].pk, rows[1].pk]
    shown = newest.rewrites(study)
    assert {one.arm for one in shown} == {"Instruct"}  # what is kept as given is no rewrite
    assert {one.rewrite.pk for one in shown} <= set(
        Rewrite.objects.filter(candidates__arm__study=study).values_list("pk", flat=True)
    )


def test_rows_that_failed_alike_are_one_thing_to_mend(study, other):
    rows = clips(study)
    for some, error in ((rows[:4], "Silence."), (rows[4:5], "Out of memory.")):
        Clip.objects.filter(pk__in=[clip.pk for clip in some]).update(state="failed", error=error)
    Clip.objects.filter(pk=clips(other)[0].pk).update(state="failed", error="Silence.")

    found = failures.grouped(study)
    assert [(one.kind, one.error, one.rows) for one in found] == [
        ("clip", "Silence.", 4),
        ("clip", "Out of memory.", 1),
    ]
    assert found[0].example == rows[3].pk


def test_one_reason_is_tried_again_and_the_others_stay(study):
    rows = clips(study)
    study.status, study.finished_at = "running", None
    study.save()
    Clip.objects.filter(pk=rows[0].pk).update(state="failed", error="Silence.")
    Clip.objects.filter(pk=rows[1].pk).update(state="failed", error="Out of memory.")

    actions.retry_failed(study=study, by=None, kind="clip", error="Silence.")
    states = dict(Clip.objects.filter(pk__in=[rows[0].pk, rows[1].pk]).values_list("pk", "state"))
    assert states == {rows[0].pk: "waiting", rows[1].pk: "failed"}
