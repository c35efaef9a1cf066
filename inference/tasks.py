"""Celery shells: claim rows, call one engine, record. Any of them may be killed at any moment.

A message only says "there is work". What to do is read from the database, and what was done is written there in
one transaction, so a lost message, a lost worker or a message too many changes nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from celery import shared_task
from django.conf import settings
from structlog.contextvars import bound_contextvars

from inference import graphics, leases, presence, trouble  # noqa: F401 - two for their signals
from inference.machine import process_name
from inference.pace import Pace, Turn
from inference.serving import SERVE, Scoring, engines
from studies.actions import Batch, Outcome, catch_up, claim, record
from studies.actions.queue import claimable, give_up
from studies.models import WORK, Study, Work
from studies.wake import wake

log = logging.getLogger(__name__)
pace = Pace()
turn = Turn()  # of this process, to sweep


@shared_task(name="inference.tasks.work", ignore_result=True)
def work() -> int:
    """Serves batches until nothing waits; how many rows were recorded. A machine in trouble is left alone for a while:
    the next announcement of this worker, or the next sweep, finds what waits."""
    recorded = 0
    with trouble.waited_out():
        while (rows := one_batch()) is not None:
            recorded += rows
    return recorded


def one_batch() -> int | None:
    """Claims, serves and records a batch; how many rows were recorded, None where nothing waits."""
    batch = claim(worker=process_name(), engines=engines(), most=pace.rows)
    if batch is None:
        return None
    with bound_contextvars(**about(batch)), leases.kept(batch):
        return serve(batch)


def about(batch: Batch) -> dict[str, Any]:
    """For the log lines of the batch's engine call. The studies are those that want its rows now."""
    model, rows = WORK[batch.kind], [row.pk for row in batch.rows]
    wanting = model._default_manager.filter(pk__in=rows).values(model.studies_path)
    studies = Study.objects.filter(pk__in=wanting, status=Study.Status.RUNNING).order_by("slug")
    spec = getattr(batch.rows[0], model.engine_field)
    return {
        "kind": batch.kind,
        "engine": spec and spec.slug,
        "study": list(studies.values_list("slug", flat=True)),
        "rows": rows,
        "lease": str(batch.lease),
    }


@shared_task(name="inference.tasks.sweep", ignore_result=True)
def sweep() -> None:
    """Finds what a lost message or a lost worker left behind. Of those that queued up behind a long call, one is
    enough: the others would keep the process from what they have found."""
    if not turn.come(settings.SWEEP_SECONDS / 2):
        return
    with trouble.waited_out():
        give_up()
        for study in Study.objects.filter(status=Study.Status.RUNNING):
            catch_up(study=study)
        if any(claimable(kind).exists() for kind in WORK):
            wake()
    turn.over()


def serve(batch: Batch) -> int:
    """Calls the engine outside of any transaction, then records; how many rows were recorded."""
    if batch.kind == "score":
        return _serve_scores(batch)
    outcomes = called(batch, lambda rows: list(SERVE[batch.kind](rows)))
    return trouble.survived(lambda: record(batch=batch, outcomes=outcomes))


def _serve_scores(batch: Batch) -> int:
    scorings: list[Scoring] = []

    def score(rows: Sequence[Any]) -> list[Outcome]:
        scoring = Scoring(rows)
        outcomes = scoring.outcomes()
        scorings.append(scoring)
        return outcomes

    outcomes = called(batch, score)
    texts = {text.identity: text for scoring in scorings for text in scoring.texts}
    clips = [clip for scoring in scorings for clip in scoring.clips]
    return trouble.survived(lambda: record(batch=batch, outcomes=outcomes, texts=texts.values(), clips=clips))


def called(batch: Batch, call: Callable[[Sequence[Any]], list[Outcome]]) -> list[Outcome]:
    outcomes = isolated(call, batch.rows)
    seconds, failed = sum(outcome.seconds for outcome in outcomes), sum(bool(outcome.error) for outcome in outcomes)
    pace.learn(batch.kind, batch.rows, seconds)
    said = {"done": len(outcomes) - failed, "failed": failed, "seconds": round(seconds, 3)}
    log.info("The engine has answered.", extra=said)
    return outcomes


def isolated(call, rows: Sequence[Work]) -> list[Outcome]:
    """The call's outcomes; where it raises, each row alone, so that one bad item costs only itself.

    Raises what is no row's fault: the database is away, or the disk is full.
    """
    started = time.monotonic()
    try:
        outcomes = call(rows)
    except Exception as error:  # whatever else an engine raises is a row's failure, never the worker's
        if trouble.of_the_machine(error):
            raise
        if len(rows) == 1:
            with bound_contextvars(rows=[rows[0].pk]):
                log.warning("%s failed: %s", rows[0], error, exc_info=True)
            return [Outcome(rows[0].pk, error=_reason(error), seconds=time.monotonic() - started)]
        return [outcome for row in rows for outcome in isolated(call, [row])]
    share = (time.monotonic() - started) / len(rows)
    return [Outcome(o.row, o.values, o.error, share) for o in outcomes]


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
