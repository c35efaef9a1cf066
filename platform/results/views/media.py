"""What a study's page shows beside text: sound and figures."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from results import drawing
from results.access import audible_clips, visible_studies
from results.audio import audio_response
from results.figures import FIGURES, available
from results.measurements import measure
from results.summary import results_of


@login_required
@require_safe
def clip(request: HttpRequest, slug: str, clip: int) -> HttpResponse:
    study = get_object_or_404(visible_studies(request.user), slug=slug)
    return audio_response(request, get_object_or_404(audible_clips(study), pk=clip))


@login_required
@require_safe
def figure(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """One figure as SVG; `?narrow` for a phone's column."""
    study = get_object_or_404(visible_studies(request.user), slug=slug)
    measured = measure(study)
    results = results_of(study, measured)
    if name not in available(results):
        raise Http404
    drawn = drawing.svg(FIGURES[name](results, measured, "narrow" in request.GET))
    return HttpResponse(drawn, content_type="image/svg+xml", headers={"Cache-Control": "private, no-cache"})
