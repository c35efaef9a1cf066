"""A study at work: how far, how fast, who does what, what was made last, what failed and why."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts import roles
from results.access import visible_studies
from results.live import part_or_page
from results.summary import seconds
from results.views.studies import frame
from studies import crew, failures, newest, workers
from studies.models import Study
from studies.progress import progress, time_left


@login_required
@require_safe
def watch(request: HttpRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(visible_studies(request.user), slug=slug)
    context = {**frame(study, "watch"), **_standing(study), "may": _may(request, study)}
    return render(request, part_or_page(request, "results/watch.html"), context)


def _may(request: HttpRequest, study: Study) -> bool:
    """Whether buttons are shown: what they do is decided where they lead, in the admin."""
    return request.user.is_staff and roles.teams_of(request.user, roles.CHANGE).filter(pk=study.team_id).exists()


def _standing(study: Study) -> dict[str, Any]:
    if study.status == Study.Status.DRAFT:
        return {}
    steps = progress(study)
    rates: dict[str, float] = {}
    for row in crew.throughput(study):
        rates[row.kind] = rates.get(row.kind, 0.0) + row.rate
    return {
        "steps": [(step, rates.get(step.kind)) for step in steps],
        "took": seconds(study),
        "engine_seconds": sum(step.seconds for step in steps),
        "left": time_left(study, steps) if study.status == Study.Status.RUNNING else None,
        "missing": workers.missing(study),
        "holding": crew.holding(study),
        "rewrites": newest.rewrites(study),
        "clips": newest.clips(study),
        "failures": failures.grouped(study),
    }
