"""The studies of a researcher, and one study's results."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from results import figures, page
from results.access import visible_studies
from results.examples import examples, looked_at, rewriting
from results.measurements import measure
from results.summary import results_of
from studies import workers
from studies.models import Study
from studies.progress import progress, time_left

PAGE = 30
UNFINISHED = (Study.Status.RUNNING, Study.Status.PAUSED)


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    studies = visible_studies(request.user).annotate(arm_count=Count("arms", distinct=True)).order_by("-created_at")
    return render(request, "results/studies.html", {"page": Paginator(studies, PAGE).get_page(request.GET.get("page"))})


@login_required
@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(visible_studies(request.user), slug=slug)
    measured = measure(study)
    results = results_of(study, measured)
    arm = looked_at(measured, request.GET.get("arm", ""))
    context: dict[str, Any] = {
        "study": study,
        "results": results,
        "verdict": page.verdict(results),
        "table": page.table(results),
        "contrasts": page.named(results, "contrasts"),
        "preference": page.named(results, "preference"),
        "ratings": page.rated(results),
        "figures": page.captions(figures.available(results), results),
        "examples": examples(study, measured, arm),
        "rewriting": rewriting(measured),
        "walk": _walk(study),
    }
    return render(request, "results/study.html", context)


@login_required
@require_safe
def steps(request: HttpRequest, slug: str) -> HttpResponse:
    """The part of the page that a running study changes; the page asks for it again and again."""
    study = get_object_or_404(visible_studies(request.user), slug=slug)
    return render(request, "results/_progress.html", {"study": study, "walk": _walk(study)})


def _walk(study: Study) -> dict[str, Any] | None:
    if study.status not in UNFINISHED:
        return None
    found = progress(study)
    left = time_left(study, found) if study.status == Study.Status.RUNNING else None
    return {"steps": found, "missing": workers.missing(study), "left": left}
