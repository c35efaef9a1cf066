"""The page in Mechanical Turk's frame: the way out to the test, and the code's way back. It knows nobody."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from listening import configuration, errors, mturk
from listening.door import OtherDoor
from listening.views.page import POLICY, open_study, page

# Browsers hold a form to its policy also where it is redirected to, hence the same hosts for both.
FRAMED = POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {mturk.HOSTS}").replace(
    "form-action 'self'", f"form-action {mturk.HOSTS}"
)


def framed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """May stand in Mechanical Turk's frame, unless it answers with an error."""
    exempt = xframe_options_exempt(view)

    @wraps(view)
    def answered(request: HttpRequest, **kwargs) -> HttpResponse:
        response = exempt(request, **kwargs)
        if response.status_code == 200:
            response.headers["Content-Security-Policy"] = FRAMED
        else:
            response.xframe_options_exempt = False  # type: ignore[attr-defined]
        return response

    return answered


@framed
@require_safe
@page
def show(request: HttpRequest, slug: str) -> HttpResponse:
    study = open_study(slug)
    test = configuration.test_of(study)
    provider = mturk.provider_of(test)
    if provider is None:
        raise OtherDoor
    try:
        frame = mturk.frame(provider, request.GET)
    except ValueError as error:
        raise errors.BadLink from error
    return render(request, "listening/mturk.html", {"slug": slug, "frame": frame, "test": test, "answer": mturk.ANSWER})
