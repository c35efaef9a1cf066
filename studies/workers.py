"""Who is there to work, and what nobody can do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from inference.engines import registry
from inference.engines.protocols import EngineError
from studies import clock
from studies.models import EngineSpec, Study, Worker

MISSED = 4  # announcements that a worker may miss before it is taken for gone


def announce(
    name: str,
    engines: Collection[str],
    started: datetime,
    *,
    processes: Sequence[dict[str, Any]] = (),
    gpus: Sequence[dict[str, Any]] = (),
) -> None:
    """Says that the worker is there, what it can serve and what it weighs. Forgets those that have long gone.

    processes, gpus: as the fields of `Worker` have them.
    """
    now = clock.now()
    said = {"engines": sorted(engines), "processes": list(processes), "gpus": list(gpus)}
    Worker.objects.update_or_create(name=name, defaults={**said, "started_at": started, "seen_at": now})
    Worker.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()


def leave(name: str) -> None:
    Worker.objects.filter(name=name).delete()


def alive() -> list[Worker]:
    since = clock.now() - timedelta(seconds=MISSED * settings.SWEEP_SECONDS + 5)
    return list(Worker.objects.filter(seen_at__gte=since))


def missing(study: Study) -> list[str]:
    """What a running study waits for that no worker can do; a sentence for each engine, or one for all."""
    if study.status != Study.Status.RUNNING:
        return []
    workers = alive()
    if not workers:
        return ["No worker is running: start one (script/server, or celery -A config worker)."]
    served = {engine for worker in workers for engine in worker.engines}
    return [_waits_for(spec) for spec in engines_of(study) if spec.engine not in served]


def engines_of(study: Study) -> list[EngineSpec]:
    """Every engine that the study calls, each once."""
    rewriters = EngineSpec.objects.filter(arms__study=study)
    chosen = [study.generator_id, study.feedback_scorer_id, study.evaluation_scorer_id, study.oracle_id]
    return list((EngineSpec.objects.filter(pk__in=[pk for pk in chosen if pk]) | rewriters).distinct())


def _waits_for(spec: EngineSpec) -> str:
    """By the least common of the packages that the engine needs: every worker has torch."""
    try:
        requires = registry.entry(spec.engine).requires
    except EngineError as error:
        return f"{spec}: {error}"
    package = requires[-1] if requires else spec.engine
    return f"{spec}: waiting for a worker with {package}."
