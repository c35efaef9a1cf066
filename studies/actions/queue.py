"""The database is the queue: claim a batch of waiting rows under a lease, renew it while the engine works.

A lease runs by the database's clock: workers' own clocks differ, and jump.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from studies import clock
from studies.models import WORK, Arm, Candidate, EngineSpec, Rendering, Study, TextEmbedding, Work

# A call costs as much in the database with one row as with many. Rows come in waves, so a moment fills a batch.
FILLING = timedelta(seconds=5)


@dataclass(frozen=True)
class Batch:
    """Rows of one kind that one engine call serves, held until their lease runs out."""

    kind: str
    lease: uuid.UUID
    rows: list[Work] = field(repr=False)


def claimable(kind: str, arms: list[int] | None = None) -> QuerySet[Work]:
    """Rows that wait, or whose worker has stopped renewing; only for studies that are running.

    arms: those of the running studies, where the caller knows them already.
    """
    lost = Q(state=Work.State.RUNNING, leased_until__lt=Now(), attempts__lt=settings.MAX_ATTEMPTS)
    free = Q(state=Work.State.WAITING) | lost
    wanted = WANTED[kind](running_arms() if arms is None else arms)
    return WORK[kind]._default_manager.filter(free).filter(wanted).order_by("pk")


def running_arms() -> list[int]:
    """Asked for by itself, not joined: on tables that have just grown, PostgreSQL plans by statistics of empty ones,
    and a chain of joins then takes minutes."""
    return list(Arm.objects.filter(study__status=Study.Status.RUNNING).values_list("pk", flat=True))


WANTED: dict[str, Callable[[list[int]], Q | Exists]] = {
    "training": lambda arms: Q(arm__in=arms),
    "embedding": lambda arms: Exists(
        TextEmbedding.arms.through._default_manager.filter(textembedding=OuterRef("pk"), arm__in=arms)
    ),
    "rewrite": lambda arms: Exists(Candidate.objects.filter(rewrite=OuterRef("pk"), arm__in=arms)),
    "clip": lambda arms: Exists(Rendering.objects.filter(clip=OuterRef("pk"), candidate__arm__in=arms)),
    "score": lambda arms: Exists(Rendering.objects.filter(clip=OuterRef("clip"), candidate__arm__in=arms)),
}


def claimable_by(kinds: Iterable[str], engines: Collection[str] | None) -> Iterator[tuple[str, QuerySet[Work]]]:
    """(kind, its claimable rows whose engine a worker can serve); None serves every engine."""
    arms = running_arms()
    specs = (
        None if engines is None else list(EngineSpec.objects.filter(engine__in=engines).values_list("pk", flat=True))
    )
    for kind in kinds:
        rows = claimable(kind, arms)
        yield kind, rows if specs is None else rows.filter(SERVED[kind](specs))


SERVED: dict[str, Callable[[list[int]], Q]] = {
    # What is validated while it trains is also rendered and scored there.
    "training": lambda specs: (
        Q(rewriter__in=specs)
        & (Q(validation=[]) | Q(arm__study__generator__in=specs, arm__study__feedback_scorer__in=specs))
        & (~Q(parameters__fidelity="judged_cosine") | Q(validation=[]) | Q(arm__study__evaluation_scorer__in=specs))
    ),
    "embedding": lambda specs: Q(scorer__in=specs),
    "rewrite": lambda specs: Q(rewriter__in=specs),
    "clip": lambda specs: Q(generator__in=specs),
    "score": lambda specs: Q(scorer__in=specs),
}


def largest(kind: str, first: Work) -> int:
    """As many rows as the settings allow."""
    return settings.BATCH_SIZES[kind]


@transaction.atomic
def claim(
    *,
    worker: str,
    kinds: tuple[str, ...] = tuple(WORK),
    engines: Collection[str] | None = None,
    most: Callable[[str, Work], int] = largest,
) -> Batch | None:
    """The next batch for this worker, or None when nothing waits that it can serve. Kinds are tried in the order given,
    but a batch that would not be full yet lets others go first, unless its oldest row has waited for `FILLING`.

    most: how many rows a batch of this kind that begins with this row may have.
    Rows that another worker is claiming this instant are skipped, not waited for.
    """
    filling = None
    for kind, rows in claimable_by(kinds, engines):
        first = rows.select_for_update(skip_locked=True, of=("self",)).first()
        if first is None:
            continue
        alike = rows.filter(**_equal({name: getattr(first, name) for name in first.group_fields}))
        size = most(kind, first)
        if first.created_at < clock.now() - FILLING or len(alike.values_list("pk")[:size]) == size:
            return _lease(kind, alike, size, worker)
        filling = filling or (kind, alike, size)
    return _lease(*filling, worker) if filling else None


def _lease(kind: str, rows: QuerySet[Work], size: int, worker: str) -> Batch:
    """Takes the first of these rows, one of which this transaction has locked already."""
    rows = rows.select_for_update(skip_locked=True, of=("self",)).select_related(*rows.model.needs)
    held = list(rows[:size])
    lease = uuid.uuid4()
    WORK[kind]._default_manager.filter(pk__in=[row.pk for row in held]).update(
        state=Work.State.RUNNING, lease=lease, leased_until=_until(), worker=worker, attempts=F("attempts") + 1
    )
    return Batch(kind, lease, held)


def _equal(values: dict) -> dict:
    return {
        f"{name}__isnull" if value is None else name: True if value is None else value for name, value in values.items()
    }


def renew(batch: Batch) -> int:
    """Holds the batch for another lease; how many rows are still this worker's."""
    return WORK[batch.kind]._default_manager.filter(lease=batch.lease).update(leased_until=_until())


def _until() -> CombinedExpression:
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)


def give_back(batch: Batch) -> int:
    """Lets rows wait again that nobody has worked on in vain: it was the machine that failed. How many they were."""
    held = WORK[batch.kind]._default_manager.filter(lease=batch.lease)
    return held.update(state=Work.State.WAITING, lease=None, leased_until=None, attempts=F("attempts") - 1)


def give_up() -> int:
    """Fails the rows that have outlived several workers: they are probably what kills them. How many they were."""
    deadly = Q(state=Work.State.RUNNING, leased_until__lt=Now(), attempts__gte=settings.MAX_ATTEMPTS)
    reason = f"The worker died {settings.MAX_ATTEMPTS} times while working on this row (out of memory?)."
    return sum(
        model._default_manager.filter(deadly).update(
            state=Work.State.FAILED, lease=None, leased_until=None, finished_at=Now(), error=reason
        )
        for model in WORK.values()
    )
