"""A finished batch, and everything it makes possible, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from studies import clock, pipeline, usage
from studies.actions.extend import extend, judge
from studies.actions.note import note
from studies.actions.queue import Batch
from studies.actions.stages import StageError, move_on
from studies.models import WORK, Arm, Candidate, ClipEmbedding, Rendering, Study, TextEmbedding, Work
from studies.signals import study_changed, study_completed
from studies.wake import wake

SETTLED = ("state", "error", "seconds", "finished_at", "lease", "leased_until")


@dataclass(frozen=True)
class Outcome:
    """What became of one row: the fields it got, or the reason why it failed. seconds: its share of the call."""

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    seconds: float = 0.0


@transaction.atomic
def record(
    *,
    batch: Batch,
    outcomes: Iterable[Outcome],
    texts: Iterable[TextEmbedding] = (),
    clips: Iterable[ClipEmbedding] = (),
) -> int:
    """Stores the outcomes and writes the rows they make possible; how many rows were recorded.

    Rows whose lease has passed to another worker are left to it. `texts` and `clips` are embeddings that were
    made on the way to the scores.
    """
    studies = _lock_studies(batch)
    rows = _settle(batch, {outcome.row: outcome for outcome in outcomes})
    TextEmbedding.objects.bulk_create(sorted(texts, key=lambda t: t.identity), ignore_conflicts=True)
    ClipEmbedding.objects.bulk_create(clips, ignore_conflicts=True)
    for study in studies:
        _follow(study, batch.kind, rows)
    usage.count(batch.kind, rows)  # last: other workers wait for its lock until this is committed
    return len(rows)


def _lock_studies(batch: Batch) -> list[Study]:
    """The studies that want these rows, locked: of two workers that finish the last rows at once, the second
    must see what the first did, or neither would open the next stage."""
    model = WORK[batch.kind]
    wanting = model._default_manager.filter(pk__in=[row.pk for row in batch.rows]).values(model.studies_path)
    open_ = Study.objects.filter(pk__in=wanting, status__in=[Study.Status.RUNNING, Study.Status.PAUSED])
    return list(open_.select_for_update().order_by("pk"))


def _settle(batch: Batch, outcomes: dict[int, Outcome]) -> list[Work]:
    """The batch's rows with their outcomes, stored by one upsert: of rows held by their lock it can only update."""
    table = WORK[batch.kind]._default_manager
    rows = list(table.filter(pk__in=outcomes, lease=batch.lease).select_for_update().order_by("pk"))
    now = clock.now()
    for row in rows:
        outcome = outcomes[row.pk]
        for name, value in outcome.values.items():
            setattr(row, name, value)
        row.state = Work.State.FAILED if outcome.error else Work.State.DONE
        row.error, row.seconds, row.finished_at = outcome.error, outcome.seconds, now
        row.lease = row.leased_until = None
    changed = sorted({*SETTLED, *(name for row in rows for name in outcomes[row.pk].values)})
    table.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=changed)  # type: ignore[misc]
    return rows


def _follow(study: Study, kind: str, rows: list[Work]) -> None:
    new, made = 0, [row.pk for row in rows]
    if made and kind == "rewrite":
        new = extend(study, Candidate.objects.filter(rewrite__in=made))
    elif made and kind == "clip":
        judge(study, Rendering.objects.filter(clip__in=made))
    failed = any(row.state == Work.State.FAILED for row in rows)
    advance(study, concerned=WAITED_FOR[kind](made), new_work=bool(new), failed=(kind,) if failed else ())


# The arms that a row's end may let go on
WAITED_FOR: dict[str, Callable[[list[int]], Q]] = {
    "training": lambda made: Q(checkpoints__in=made),
    "embedding": lambda made: Q(text_embeddings__in=made),
    "rewrite": lambda made: Q(candidates__rewrite__in=made),
    "clip": lambda made: Q(candidates__renderings__clip__in=made),
    "score": lambda made: Q(candidates__renderings__clip__scores__in=made),
}


def advance(study: Study, *, concerned: Q | None = None, new_work: bool = False, failed: Iterable[str] = ()) -> None:
    """Moves the study's arms on, pauses it when the kinds that `failed` fail too much, completes it when every
    arm is finished. concerned: which arms may have been waiting; None looks at all of them.

    The caller holds the study's row lock.
    """
    try:
        moved = [move_on(arm) for arm in _arms(study, concerned)]
    except StageError as failure:
        _pause(study, str(failure))
        return
    for kind in failed:
        _pause_if_failing(study, kind)
    if any(moved) or not moved:
        _complete_if_finished(study)
    if study.status == Study.Status.RUNNING and (any(moved) or new_work):
        wake()


def _arms(study: Study, concerned: Q | None) -> list[Arm]:
    unfinished = study.arms.exclude(stage=Arm.Stage.FINISHED)
    if concerned is not None:
        unfinished = unfinished.filter(pk__in=study.arms.filter(concerned).values("pk"))
    arms = list(unfinished.select_related("rewriter"))
    for arm in arms:
        arm.study = study  # one object: what an arm reads of its study is what is locked
    # Arms that must train first have the longest way to go: their rows come first in the queue.
    return sorted(arms, key=lambda arm: -len(pipeline.stages(arm.method)))


def _pause(study: Study, reason: str) -> None:
    if study.status == Study.Status.RUNNING:
        study.status, study.status_reason = Study.Status.PAUSED, reason
        study.save(update_fields=["status", "status_reason"])
        note(study=study, by=None, text=f"Paused itself: {reason}"[:300])
        study_changed.send(Study, study=study, event="paused")


def _pause_if_failing(study: Study, kind: str) -> None:
    failed, settled = failures(study, kind)
    fresh = failed - study.accepted_failures.get(kind, 0)
    if pipeline.failing(fresh, settled, study.failure_limit):
        _pause(
            study,
            f"{failed} of {settled} finished {kind} rows failed, more than the limit of {study.failure_limit:.0%}. "
            "See the reasons, mend the cause and retry them, or resume without them.",
        )


def failures(study: Study, kind: str) -> tuple[int, int]:
    """(failed, settled) rows of one kind that the study wants."""
    model = WORK[kind]
    states = dict(
        model._default_manager.filter(**{model.studies_path: study})
        .values_list("state")
        .annotate(rows=Count("pk", distinct=True))
        .order_by()
    )
    failed = states.get(Work.State.FAILED, 0)
    return failed, failed + states.get(Work.State.DONE, 0)


def _complete_if_finished(study: Study) -> None:
    if study.status == Study.Status.RUNNING and not study.arms.exclude(stage=Arm.Stage.FINISHED).exists():
        study.status, study.finished_at = Study.Status.COMPLETE, clock.now()
        study.save(update_fields=["status", "finished_at"])
        note(study=study, by=None, text="Completed.")
        study_completed.send(Study, study=study)
        study_changed.send(Study, study=study, event="completed")


@transaction.atomic
def catch_up(*, study: Study) -> None:
    """Writes whatever the study's finished rows make possible and no worker wrote.

    Needed where a study began to want a shared row in the instant in which it was finished for another.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.status != Study.Status.RUNNING:
        return
    behind = Q(renderings=None, rewrite__state=Work.State.DONE) | Q(
        renderings__clip__state=Work.State.DONE, renderings__clip__scores=None
    )
    candidates = Candidate.objects.filter(behind, arm__study=study).values("pk")
    new = extend(study, Candidate.objects.filter(pk__in=candidates))
    advance(study, new_work=bool(new), failed=WORK)
