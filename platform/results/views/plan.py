"""Before a study: how large it must be, and what it costs."""

from __future__ import annotations

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from results import drawing
from results.access import visible_studies
from results.figures import planning as figure
from results.forms import PlanForm
from results.planning import Plan
from results.tables.writing import written


@login_required
@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    form = PlanForm(request.GET, visible_studies(request.user))
    made = form.plan() if form.is_valid() else None
    context = {"form": form, "plan": made, "renderer": drawing.renderer_version(), "dark_colours": drawing.DARK}
    context |= {"currency": settings.RATER_CURRENCY, "forms": drawing.TYPES}
    return render(request, "results/plan.html", {**context, "asked": request.GET.urlencode()})


@csp_update({"style-src": [drawing.STYLE_SOURCE]})  # type: ignore[arg-type]  # its types know views of no arguments
@login_required
@require_safe
def power(request: HttpRequest, form: str) -> HttpResponse:
    """Power by votes, in every form that a study's figures have."""
    asked = PlanForm(request.GET, visible_studies(request.user))
    if form not in drawing.TYPES or not asked.is_valid() or asked.plan().why_not:
        raise Http404
    plan, download = asked.plan(), "download" in request.GET
    headers = {"Content-Disposition": f'attachment; filename="power.{form}"'} if download else {}
    return HttpResponse(_drawn(request, plan, form, download), content_type=drawing.TYPES[form], headers=headers)


def _drawn(request: HttpRequest, plan: Plan, form: str, download: bool) -> bytes | str:
    rows = _curve(plan)
    if form == "csv":
        return written(rows)
    chart = figure.power(rows, "narrow" in request.GET)
    if download:
        return drawing.taken_along(chart, f"Power to find a preference of {plan.share:.0%}", plan.source, form)
    spec = drawing.specification(chart)
    return spec if form == "json" else drawing.drawn(form, spec)


def _curve(plan: Plan) -> list[dict]:
    """Simulated once for equal questions: it takes about a second."""
    key = f"power:{plan.share}:{plan.heard}:{plan.trials_per_session}:{plan.crowd}"
    return cache.get_or_set(key, plan.curve, timeout=86_400) or []
