"""Writes down what is to be told, in the transaction that makes it true."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Q
from django.urls import reverse

from listening import query
from results.models import Delivery, Webhook
from studies import clock
from studies.models import Study
from studies.wake import call

Event = Webhook.Event
TEST = "test"


def announce(study: Study, event: str) -> int:
    """To every address that wants to know; how many those are."""
    wanting = Webhook.objects.filter(Q(study=None) | Q(study=study), team=study.team, active=True)
    hooks = list(wanting.filter(events__contains=[event]))
    _write(hooks, event, study)
    return len(hooks)


def test(hook: Webhook) -> Delivery:
    """Says no more than that it works."""
    return _write([hook], TEST, None)[0]


def votes_complete() -> int:
    """Tells, once, of studies whose every trial has the votes that it needs; how many were told of."""
    hooks = Webhook.objects.filter(active=True, events__contains=[Event.VOTES]).select_related("team", "study")
    told = 0
    for hook in hooks:
        studies = Study.objects.filter(team=hook.team, status=Study.Status.COMPLETE, trials__isnull=False).distinct()
        studies = studies.filter(pk=hook.study_id) if hook.study_id else studies
        for study in studies.exclude(deliveries__webhook=hook, deliveries__event=Event.VOTES):
            heard = query.progress(study)
            if heard.votes_needed and heard.votes >= heard.votes_needed:
                _write([hook], Event.VOTES, study)
                told += 1
    return told


def _write(hooks: list[Webhook], event: str, study: Study | None) -> list[Delivery]:
    now = clock.now()
    body = json.dumps({"type": event, "timestamp": now.isoformat(), "data": _about(study)}, ensure_ascii=False)
    made = [Delivery(webhook=hook, event=event, study=study, body=body, next_at=now) for hook in hooks]
    Delivery.objects.bulk_create(made)
    if made:
        call("results.tasks.deliver")
    return made


def _about(study: Study | None) -> dict[str, Any]:
    if study is None:
        return {}
    names = ("slug", "name", "status", "status_reason")
    return {name: getattr(study, name) for name in names} | {"path": reverse("api:study", args=[study.slug])}
