"""A database that is away for a moment is no fault of the page: it says when to ask again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import islice

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.defaults import server_error

from inference.trouble import AWAY

AGAIN = 3  # seconds
STATUS = 503


def error(request: HttpRequest) -> HttpResponse:
    """Whatever no view has caught, also what middleware met: 503 with Retry-After, or the usual 500."""
    if not isinstance(sys.exception(), AWAY):
        return server_error(request)
    response = _problem() if request.path.startswith("/api/") else _page(request)
    response.headers["Retry-After"] = str(AGAIN)
    add_never_cache_headers(response)
    return response


class Middleware:
    """Has the first piece of what is streamed before its head goes out: a failure there is answered like any other.

    Innermost, so that it is a view's failure to all others. Files are left to the server, which sends them itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            pieces = iter(response)
            try:
                first = [*islice(pieces, 1)]
            except Exception:
                response.close()  # gives back what it holds
                raise
            response.streaming_content = _resumed(first, pieces)
        return response


def _resumed(first: list[bytes], others: Iterator[bytes]) -> Iterator[bytes]:
    yield from first
    yield from others


def _page(request: HttpRequest) -> HttpResponse:
    """One that asks nothing of the database. What was asked for by its address comes back by itself."""
    context = {"again": AGAIN if request.method in ("GET", "HEAD") else None}
    return render(None, "listening/away.html", context, status=STATUS)


def _problem() -> JsonResponse:
    told = {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": STATUS,
        "detail": f"The database does not answer at the moment. Ask again in {AGAIN} seconds.",
    }
    return JsonResponse(told, status=STATUS, content_type="application/problem+json")
