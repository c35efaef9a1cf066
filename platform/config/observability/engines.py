"""Figures of the work: what waits, what is under way, what was done, how long engines take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, Value, When
from django.utils import timezone
from prometheus_client.core import Metric
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.utils import floatToGoString

from studies.actions.queue import claimable, running_arms
from studies.models import WORK, EngineCalls, Work
from studies.usage import LENGTHS


def rows() -> Iterator[Metric]:
    """Of all studies, those that are paused too. What is done is counted below: a table of it would be read whole."""
    found = GaugeMetricFamily(
        "audionese_rows",
        "Rows that wait, run, have lost their worker, or have failed.",
        labels=["kind", "engine", "state"],
    )
    lost = Q(state=Work.State.RUNNING, leased_until__lt=timezone.now())
    state = Case(When(lost, then=Value("lost")), default=F("state"), output_field=CharField())
    for kind, model in WORK.items():
        open_ = model._default_manager.filter(~Q(state=Work.State.DONE))
        for engine, where, count in _by_engine(open_.annotate(where=state), model.engine_field, "where"):
            found.add_metric([kind, engine, where], count)
    yield found


def queue() -> Iterator[Metric]:
    """What a worker could take this instant."""
    found = GaugeMetricFamily(
        "audionese_queue_depth", "Rows of running studies that wait for a worker.", labels=["kind", "engine"]
    )
    arms = running_arms()
    for kind, model in WORK.items():
        for engine, count in _by_engine(claimable(kind, arms), model.engine_field):
            found.add_metric([kind, engine], count)
    yield found


def _by_engine(rows: Any, field: str, *more: str) -> list[tuple]:
    return list(rows.order_by().values_list(F(f"{field}__slug"), *more).annotate(Count("pk")))


def calls() -> Iterator[Metric]:
    """What engines did since the installation began."""
    finished = CounterMetricFamily(
        "audionese_rows_finished", "Rows that workers have finished.", labels=["kind", "engine", "state"]
    )
    lengths = HistogramMetricFamily(
        "audionese_engine_call_seconds", "What one call of an engine took, for all its rows.", labels=["kind", "engine"]
    )
    by_engine: dict[tuple[str, str], list[EngineCalls]] = defaultdict(list)
    for counted in EngineCalls.objects.select_related("engine"):
        by_engine[counted.kind, counted.engine.slug].append(counted)
    for key, counts in sorted(by_engine.items()):
        finished.add_metric([*key, "done"], sum(one.done for one in counts))
        finished.add_metric([*key, "failed"], sum(one.failed for one in counts))
        lengths.add_metric(list(key), _buckets(counts), sum(one.seconds for one in counts))
    yield finished
    yield lengths


def _buckets(counts: list[EngineCalls]) -> list[tuple[str, float]]:
    """Calls of at most so many seconds, as Prometheus adds them up."""
    upto = {end: sum(one.calls for one in counts if one.at_most <= end) for end in LENGTHS}
    return [(floatToGoString(end), count) for end, count in upto.items()]
