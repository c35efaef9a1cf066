"""The database is the queue: claim a batch of waiting rows under a lease, renew it while the engine works."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from studies.models import WORK, Arm, Candidate, EngineSpec, Rendering, Study, TextEmbedding, Work


@dataclass(frozen=True)
class Batch:
    """Rows of one kind that one engine call serves, held until their lease runs out."""

    kind: str
    lease: uuid.UUID
    rows: list[Work] = field(repr=False)


def claimable(kind: str) -> QuerySet[Work]:
    """Rows that wait, or whose worker has stopped renewing; only for studies that are running."""
    lost = Q(state=Work.State.RUNNING, leased_until__lt=timezone.now(), attempts__lt=settings.MAX_ATTEMPTS)
    free = Q(state=Work.State.WAITING) | lost
    # The arms first, and no join of a table with itself: on tables that have just grown, PostgreSQL plans by
    # statistics of empty ones, and a chain of joins then takes minutes.
    arms = list(Arm.objects.filter(study__status=Study.Status.RUNNING).values_list("pk", flat=True))
    return WORK[kind]._default_manager.filter(free).filter(WANTED[kind](arms)).order_by("pk")


WANTED: dict[str, Callable[[list[int]], Q | Exists]] = {
    "training": lambda arms: Q(arm__in=arms),
    "embedding": lambda arms: Exists(
        TextEmbedding.arms.through._default_manager.filter(textembedding=OuterRef("pk"), arm__in=arms)
    ),
    "rewrite": lambda arms: Exists(Candidate.objects.filter(rewrite=OuterRef("pk"), arm__in=arms)),
    "clip": lambda arms: Exists(Rendering.objects.filter(clip=OuterRef("pk"), candidate__arm__in=arms)),
    "score": lambda arms: Exists(Rendering.objects.filter(clip=OuterRef("clip"), candidate__arm__in=arms)),
}


def claimable_by(kind: str, engines: Collection[str] | None) -> QuerySet[Work]:
    """Of the claimable rows, those whose engine a worker can serve; None serves every engine."""
    rows = claimable(kind)
    if engines is None:
        return rows
    specs = list(EngineSpec.objects.filter(engine__in=engines).values_list("pk", flat=True))
    return rows.filter(SERVED[kind](specs))


SERVED: dict[str, Callable[[list[int]], Q]] = {
    # What is validated while it trains is also rendered and scored there.
    "training": lambda specs: (
        Q(rewriter__in=specs)
        & (Q(validation=[]) | Q(arm__study__generator__in=specs, arm__study__feedback_scorer__in=specs))
    ),
    "embedding": lambda specs: Q(scorer__in=specs),
    "rewrite": lambda specs: Q(rewriter__in=specs),
    "clip": lambda specs: Q(generator__in=specs),
    "score": lambda specs: Q(scorer__in=specs),
}


@transaction.atomic
def claim(*, worker: str, kinds: tuple[str, ...] = tuple(WORK), engines: Collection[str] | None = None) -> Batch | None:
    """The next batch for this worker, or None when nothing waits that it can serve. Kinds are tried in the order given.

    Rows that another worker is claiming this instant are skipped, not waited for.
    """
    for kind in kinds:
        rows = claimable_by(kind, engines)
        first = rows.select_for_update(skip_locked=True, of=("self",)).first()
        if first is not None:
            return _lease(kind, rows, first, worker)
    return None


def _lease(kind: str, rows: QuerySet[Work], first: Work, worker: str) -> Batch:
    alike = {name: getattr(first, name) for name in first.group_fields}
    rows = rows.filter(**_equal(alike)).select_for_update(skip_locked=True, of=("self",))
    rows = rows.select_related(*first.needs)
    held = list(rows[: settings.BATCH_SIZES[kind]])
    lease, until = uuid.uuid4(), timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
    WORK[kind]._default_manager.filter(pk__in=[row.pk for row in held]).update(
        state=Work.State.RUNNING, lease=lease, leased_until=until, worker=worker, attempts=F("attempts") + 1
    )
    return Batch(kind, lease, held)


def _equal(values: dict) -> dict:
    return {
        f"{name}__isnull" if value is None else name: True if value is None else value for name, value in values.items()
    }


def renew(batch: Batch) -> int:
    """Holds the batch for another lease; how many rows are still this worker's."""
    until = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
    return WORK[batch.kind]._default_manager.filter(lease=batch.lease).update(leased_until=until)


def give_up() -> int:
    """Fails the rows that have outlived several workers: they are probably what kills them. How many they were."""
    deadly = Q(state=Work.State.RUNNING, leased_until__lt=timezone.now(), attempts__gte=settings.MAX_ATTEMPTS)
    reason = f"The worker died {settings.MAX_ATTEMPTS} times while working on this row (out of memory?)."
    return sum(
        model._default_manager.filter(deadly).update(
            state=Work.State.FAILED, lease=None, leased_until=None, finished_at=timezone.now(), error=reason
        )
        for model in WORK.values()
    )
