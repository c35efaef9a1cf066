"""What a study's pages show beside text: sound, figures, and what can be taken along of them."""

from __future__ import annotations

from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from results import drawing
from results.access import audible_clips, visible_studies
from results.audio import audio_response
from results.figures import FIGURES
from results.figures.style import Row
from results.opened import Opened
from results.tables import TABLES
from results.tables.writing import FORMS, written


@login_required
@require_safe
def clip(request: HttpRequest, slug: str, clip: int) -> HttpResponse:
    study = get_object_or_404(visible_studies(request.user), slug=slug)
    return audio_response(request, get_object_or_404(audible_clips(study), pk=clip))


@csp_update({"style-src": [drawing.STYLE_SOURCE]})  # type: ignore[arg-type]  # its types know views of no arguments
@login_required
@require_safe
def figure(request: HttpRequest, slug: str, name: str, form: str) -> HttpResponse:
    """A figure as SVG, PNG, PDF, Vega-Lite or its numbers. `?narrow` for a phone's column.

    `?download` gives it a name, and with it what it rests on inside the picture.
    """
    page = Opened(get_object_or_404(visible_studies(request.user), slug=slug))
    if name not in FIGURES or form not in drawing.TYPES:
        raise Http404
    rows = FIGURES[name].rows(page)
    if not rows:
        raise Http404
    body = written(rows) if form == "csv" else _picture(request, page, name, rows, form)
    headers = {"Cache-Control": "private, no-cache"}
    if "download" in request.GET:
        headers["Content-Disposition"] = f'attachment; filename="{slug}-{name}.{form}"'
    return HttpResponse(body, content_type=drawing.TYPES[form], headers=headers)


def _picture(request: HttpRequest, page: Opened, name: str, rows: list[Row], form: str) -> bytes | str:
    shown = FIGURES[name]
    chart = shown.chart(rows, "narrow" in request.GET)
    if "download" not in request.GET:
        spec = drawing.specification(chart)
        return spec if form == "json" else drawing.drawn(form, spec)
    return drawing.taken_along(chart, f"{page.study.name}: {shown.title}", shown.source(page, rows), form)


@login_required
@require_safe
def table(request: HttpRequest, slug: str, name: str, form: str) -> HttpResponse:
    """A table as LaTeX (booktabs), CSV or Markdown."""
    study = get_object_or_404(visible_studies(request.user), slug=slug)
    if name not in TABLES or form not in FORMS:
        raise Http404
    made = TABLES[name](Opened(study))
    if not made.rows:
        raise Http404
    content_type, write = FORMS[form]
    named = f'attachment; filename="{slug}-{name}.{form}"'
    return HttpResponse(write(made, study.name), content_type=content_type, headers={"Content-Disposition": named})


@require_safe
def renderer(request: HttpRequest, version: str) -> HttpResponse:
    """What draws interactive figures. Its address changes with its content, so browsers keep it for good."""
    if version != drawing.renderer_version():
        raise Http404
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return HttpResponse(drawing.renderer(), content_type="text/javascript; charset=utf-8", headers=headers)


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for it beside what is no page, and so names none: a figure, a sound."""
    return redirect(static("results/icon.svg"))
