"""Who works on what right now, and how fast: for people who watch. Read from the rows' own leases."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, QuerySet, Sum

from studies import clock, workers
from studies.models import WORK, Study, Work, Worker

RECENT = timedelta(minutes=10)


@dataclass(frozen=True)
class Held:
    """Rows of one kind that a process works on. since: unknown to the rows; until: when their lease runs out."""

    worker: str
    kind: str
    engine: str
    rows: int


@dataclass(frozen=True)
class Process:
    name: str
    memory: int  # bytes, resident
    held: list[Held]


@dataclass(frozen=True)
class Member:
    """One worker with its processes. rate: rows a minute lately."""

    worker: Worker
    processes: list[Process]
    rate: float

    @property
    def memory(self) -> int:
        return sum(process.memory for process in self.processes)

    @property
    def busy(self) -> int:
        return sum(bool(process.held) for process in self.processes)


@dataclass(frozen=True)
class Throughput:
    """What one engine did lately. rate: rows a minute over `RECENT`; seconds: of engine time a row."""

    kind: str
    engine: str
    rows: int
    rate: float
    seconds: float


def crew() -> list[Member]:
    """The workers that are there, and what each of their processes holds."""
    holds: dict[str, list[Held]] = defaultdict(list)
    for held in holding():
        holds[held.worker].append(held)
    made: dict[str, int] = defaultdict(int)
    for kind in WORK:
        for name, rows in _lately(kind).values_list("worker").annotate(Count("pk")).order_by():
            made[name] += rows
    return [_member(worker, holds, made) for worker in workers.alive()]


def _member(worker: Worker, holds: dict[str, list[Held]], made: dict[str, int]) -> Member:
    processes = [Process(one["name"], one["memory"], holds.get(one["name"], [])) for one in worker.processes]
    seen = min(RECENT, clock.now() - worker.started_at)
    rows = sum(made.get(process.name, 0) for process in processes)
    return Member(worker, processes, _a_minute(rows, seen))


def holding(study: Study | None = None) -> list[Held]:
    """What is under way, by process, kind and engine; of one study, or of all."""
    found = []
    for kind, model in WORK.items():
        held = model._default_manager.filter(state=Work.State.RUNNING, leased_until__gt=clock.now())
        rows = _of(held, study).values("worker", engine_name=F(f"{model.engine_field}__name"))
        counts = rows.annotate(held=Count("pk", distinct=True)).order_by("worker")
        found += [Held(row["worker"], kind, row["engine_name"], row["held"]) for row in counts]
    return found


def throughput(study: Study | None = None) -> list[Throughput]:
    """What each engine did in the last minutes; of one study, or of all."""
    began = study.launched_at if study and study.launched_at else None
    span = min(RECENT, clock.now() - began) if began else RECENT
    found = []
    for kind, model in WORK.items():
        rows = _of(_lately(kind), study).values(engine_name=F(f"{model.engine_field}__name"))
        for row in rows.annotate(made=Count("pk"), spent=Sum("seconds")).order_by("engine_name"):
            spent = (row["spent"] or 0.0) / row["made"]
            found.append(Throughput(kind, row["engine_name"], row["made"], _a_minute(row["made"], span), spent))
    return found


def _lately(kind: str) -> QuerySet[Any]:
    since = clock.now() - RECENT
    return WORK[kind]._default_manager.filter(state=Work.State.DONE, finished_at__gte=since).exclude(worker="")


def _of(rows: QuerySet[Any], study: Study | None) -> QuerySet[Any]:
    """As a subquery: joins to many candidates must not count a row twice."""
    if study is None:
        return rows
    mine = rows.model._default_manager.filter(**{rows.model.studies_path: study}).values("pk")
    return rows.filter(pk__in=mine)


def _a_minute(rows: int, span: timedelta) -> float:
    return 60 * rows / max(span.total_seconds(), 1.0)
