"""Celery shells: claim rows, call one engine, record. Any of them may be killed at any moment.

A message only says "there is work". What to do is read from the database, and what was done is written there in
one transaction, so a lost message, a lost worker or a message too many changes nothing.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import connection

from inference import presence  # noqa: F401 - its signals
from inference.pace import Pace
from inference.serving import SERVE, Scoring, engines
from studies.actions import Batch, Outcome, catch_up, claim, record, renew
from studies.actions.queue import claimable, give_up
from studies.models import WORK, Study, Work
from studies.wake import wake

log = logging.getLogger(__name__)
pace = Pace()


@shared_task(name="inference.tasks.work", ignore_result=True)
def work() -> int:
    """Serves batches until nothing waits; how many rows were recorded."""
    recorded = 0
    while (rows := one_batch()) is not None:
        recorded += rows
    return recorded


def one_batch() -> int | None:
    """Claims, serves and records a batch; how many rows were recorded, None where nothing waits."""
    batch = claim(worker=name(), engines=engines(), most=pace.rows)
    if batch is None:
        return None
    with kept(batch):
        return serve(batch)


@shared_task(name="inference.tasks.sweep", ignore_result=True)
def sweep() -> None:
    """Finds what a lost message or a lost worker left behind."""
    give_up()
    for study in Study.objects.filter(status=Study.Status.RUNNING):
        catch_up(study=study)
    if any(claimable(kind).exists() for kind in WORK):
        wake()


def name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def serve(batch: Batch) -> int:
    """Calls the engine outside of any transaction, then records; how many rows were recorded."""
    if batch.kind == "score":
        return _serve_scores(batch)
    outcomes = called(batch, lambda rows: list(SERVE[batch.kind](rows)))
    return record(batch=batch, outcomes=outcomes)


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
    return record(batch=batch, outcomes=outcomes, texts=texts.values(), clips=clips)


def called(batch: Batch, call: Callable[[Sequence[Any]], list[Outcome]]) -> list[Outcome]:
    outcomes = isolated(call, batch.rows)
    pace.learn(batch.kind, batch.rows, sum(outcome.seconds for outcome in outcomes))
    return outcomes


def isolated(call, rows: Sequence[Work]) -> list[Outcome]:
    """The call's outcomes; where it raises, each row alone, so that one bad item costs only itself."""
    started = time.monotonic()
    try:
        outcomes = call(rows)
    except Exception as error:  # whatever an engine raises is a row's failure, never the worker's
        if len(rows) == 1:
            log.warning("%s failed: %s", rows[0], error, exc_info=True)
            return [Outcome(rows[0].pk, error=_reason(error), seconds=time.monotonic() - started)]
        return [outcome for row in rows for outcome in isolated(call, [row])]
    share = (time.monotonic() - started) / len(rows)
    return [Outcome(o.row, o.values, o.error, share) for o in outcomes]


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


@contextmanager
def kept(batch: Batch) -> Iterator[None]:
    """Renews the batch's lease while the block runs."""
    done = threading.Event()

    def renew_until_done() -> None:
        try:
            while not done.wait(settings.LEASE_SECONDS / 3):
                renew(batch)
        finally:
            connection.close()

    thread = threading.Thread(target=renew_until_done, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
