"""The studies of a researcher, and one study, a tab at a time."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from results import drawing
from results.access import visible_studies
from results.opened import Opened
from results.tabs import TABS, drawn, tabulated
from results.views.judge import may_change
from studies import workers
from studies.models import Study

PAGE = 30


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    studies = visible_studies(request.user).annotate(arm_count=Count("arms", distinct=True)).order_by("-created_at")
    return render(request, "results/studies.html", {"page": Paginator(studies, PAGE).get_page(request.GET.get("page"))})


@login_required
@require_safe
def show(request: HttpRequest, slug: str, tab: str = "summary") -> HttpResponse:
    study = get_object_or_404(visible_studies(request.user), slug=slug)
    if tab not in TABS:
        raise Http404
    page, chosen = Opened(study, request.GET.dict()), TABS[tab]
    context = {**frame(study, tab), "results": page.results}
    if study.status != Study.Status.DRAFT:
        context |= {"tables": tabulated(page, chosen.tables), "figures": drawn(page, chosen.figures)}
        context |= chosen.context(page)
        context["may_change"] = partial(may_change, request, study)  # asked by the tabs whose buttons change something
        context["missing"] = workers.missing(study) if study.status == Study.Status.RUNNING else []
    return render(request, chosen.template, context)


def frame(study: Study, here: str) -> dict[str, Any]:
    """What every tab of a study has around it."""
    return {
        "study": study,
        "here": here,
        "tabs": TABS.values(),
        "renderer": drawing.renderer_version(),
        "dark_colours": drawing.DARK,
        "forms": drawing.TYPES,
    }
