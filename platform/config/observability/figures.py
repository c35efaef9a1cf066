"""What the database knows, as Prometheus counts it: the same from whichever web server is asked.

Each part is asked for by itself and for a few seconds at most: a figure that would be slow is left out and counted as
an error, and watching never slows what is watched.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator

from django.db import DatabaseError, connection, transaction
from prometheus_client.core import Metric
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from config.observability import engines, people, workers

log = logging.getLogger(__name__)
PATIENCE = 3000  # milliseconds that one statement may take


def database_bytes() -> Iterator[Metric]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        yield GaugeMetricFamily("audionese_database_bytes", "Size of the database.", value=cursor.fetchone()[0])


PARTS: dict[str, Callable[[], Iterable[Metric]]] = {
    "rows": engines.rows,
    "queue": engines.queue,
    "engines": engines.calls,
    "workers": workers.workers,
    "studies": people.studies,
    "votes": people.votes,
    "raters": people.raters,
    "webhooks": people.deliveries,
    "size": database_bytes,
}


class Figures(Collector):
    def collect(self) -> Iterator[Metric]:
        began = time.perf_counter()
        up = _asked("the database", _nothing) is not None
        yield GaugeMetricFamily("audionese_database_up", "1 while the database answers.", value=float(up))
        missing = GaugeMetricFamily(
            "audionese_figures_missing", "1 where a part of the figures could not be read.", labels=["part"]
        )
        for name, part in PARTS.items():
            found = _asked(name, part) if up else None
            missing.add_metric([name], float(found is None))
            yield from found or []
        yield missing
        spent = time.perf_counter() - began
        yield GaugeMetricFamily("audionese_figures_seconds", "What reading these figures took.", value=spent)


def _asked(name: str, part: Callable[[], Iterable[Metric]]) -> list[Metric] | None:
    """None where the database does not answer, or not in time."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
            return list(part())
    except DatabaseError as error:
        log.warning("The figures of %s could not be read (%s).", name, type(error).__name__)
        return None


def _nothing() -> list[Metric]:
    return []
