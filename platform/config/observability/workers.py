"""Figures of the workers, as they announce themselves in the database, from whatever host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import Metric
from prometheus_client.metrics_core import GaugeMetricFamily

from studies.crew import holding
from studies.models import Worker
from studies.workers import alive


def workers() -> Iterator[Metric]:
    there = alive()
    yield GaugeMetricFamily("audionese_workers", "Workers that have announced themselves lately.", value=len(there))
    yield _serving(there)
    yield _processes(there)
    yield _memory(there)
    yield _graphics(there)


def host(worker: Worker) -> str:
    """celery@host:pid, without what changes whenever a worker starts anew."""
    return worker.name.rpartition(":")[0].rpartition("@")[2] or worker.name


def _serving(there: list[Worker]) -> Metric:
    found = GaugeMetricFamily("audionese_engine_workers", "Workers that can serve an engine.", labels=["engine_key"])
    for key, count in sorted(Counter(engine for worker in there for engine in worker.engines).items()):
        found.add_metric([key], count)
    return found


def _processes(there: list[Worker]) -> Metric:
    found = GaugeMetricFamily(
        "audionese_worker_processes", "Processes of workers, by whether they hold rows.", labels=["host", "state"]
    )
    busy = {held.worker for held in holding()}
    counts = Counter(
        (host(worker), "busy" if process["name"] in busy else "idle")
        for worker in there
        for process in worker.processes
    )
    for labels, count in sorted(counts.items()):
        found.add_metric(list(labels), count)
    return found


def _memory(there: list[Worker]) -> Metric:
    found = GaugeMetricFamily("audionese_worker_memory_bytes", "Resident memory of a host's workers.", labels=["host"])
    held: Counter[str] = Counter()
    for worker in there:
        held[host(worker)] += sum(process["memory"] for process in worker.processes)
    for name, memory in sorted(held.items()):
        found.add_metric([name], memory)
    return found


def _graphics(there: list[Worker]) -> Metric:
    """Of two workers on one host, each tells of all its cards: the one that was seen last is believed."""
    found = GaugeMetricFamily(
        "audionese_gpu_memory_bytes", "Memory of graphics cards.", labels=["host", "gpu", "name", "state"]
    )
    cards = {host(worker): worker.gpus for worker in sorted(there, key=lambda worker: worker.seen_at)}
    for name, gpus in sorted(cards.items()):
        for at, card in enumerate(gpus):
            for state in ("used", "total"):
                found.add_metric([name, str(at), card["name"], state], card[state])
    return found
