"""Figures of studies, of those who listen, and of those who are told. Counts alone: nobody is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Q, Sum
from django.utils import timezone
from prometheus_client.core import Metric
from prometheus_client.metrics_core import GaugeMetricFamily

from listening.models import Session, Trial
from results.models import Delivery
from studies.models import Study

PRESENT = timedelta(minutes=5)


def studies() -> Iterator[Metric]:
    found = GaugeMetricFamily("audionese_studies", "Studies, by where they stand.", labels=["status"])
    counts = dict(Study.objects.order_by().values_list("status").annotate(Count("pk")))
    for status in Study.Status.values:
        found.add_metric([status], counts.get(status, 0))
    yield found


def votes() -> Iterator[Metric]:
    """From the trials' own counts: the votes themselves are too many to be read each time."""
    sums = Trial.objects.filter(kind=Trial.Kind.STUDY).aggregate(
        people=Sum("votes_people", default=0), simulated=Sum("votes_simulated", default=0)
    )
    found = GaugeMetricFamily("audionese_votes", "Votes that count, by who gave them.", labels=["population"])
    for population, count in sums.items():
        found.add_metric([population], count)
    yield found


def raters() -> Iterator[Metric]:
    since = timezone.now() - PRESENT
    there = Session.objects.filter(state=Session.State.ACTIVE, last_seen_at__gte=since)
    counts = dict(there.order_by().values_list("population").annotate(Count("pk")))
    found = GaugeMetricFamily(
        "audionese_raters", "Raters whose session was active in the last five minutes.", labels=["population"]
    )
    for population in Session.Population.values:
        found.add_metric([population], counts.get(population, 0))
    yield found


def deliveries() -> Iterator[Metric]:
    counts = Delivery.objects.aggregate(
        **{state: Count("pk", filter=Q(state=state)) for state in Delivery.State.values},
        overdue=Count("pk", filter=Q(state=Delivery.State.WAITING, next_at__lt=timezone.now() - timedelta(minutes=5))),
    )
    found = GaugeMetricFamily(
        "audionese_webhook_deliveries",
        "Webhooks by what became of them; overdue ones wait too, and nobody has tried them.",
        labels=["state"],
    )
    for state, count in counts.items():
        found.add_metric([state], count)
    yield found
