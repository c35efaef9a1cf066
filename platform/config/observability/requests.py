"""What a request is about, in each of its log lines; how long it took, in one line and in /metrics.

By view, never by address: addresses hold keys of raters.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch
from prometheus_client import Histogram
from structlog.contextvars import bind_contextvars, clear_contextvars

log = logging.getLogger(__name__)
SECONDS = Histogram(
    "audionese_http_request_seconds",
    "From a request's arrival to the beginning of its answer, by view.",
    ["view", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
METHODS = {"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"}
REQUEST_ID = re.compile(r"[\w.-]{8,64}", re.ASCII)
# Arguments of addresses that are numbers of rows; all others may be keys of somebody.
ROWS = ("clip", "webhook", "session", "test")


class Measured:
    """A proxy's X-Request-ID is kept, so that its lines and ours can be told to belong together."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        request_id = _request_id(request)
        clear_contextvars()  # of this thread's request before; streamed answers still needed it
        bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        _measure(request, response, time.perf_counter() - began)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if request.resolver_match:
            bind_contextvars(**about(request.resolver_match))


def _measure(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    view, method, status = view_of(request), _method(request), response.status_code
    SECONDS.labels(view, method, f"{status // 100}xx").observe(seconds)
    said = {"view": view, "method": method, "status": status, "ms": round(1000 * seconds, 1)}
    log.info("Answered.", extra=said)


def about(match: ResolverMatch) -> dict[str, Any]:
    """The study and the rows that an address names."""
    found = {name: match.kwargs[name] for name in ROWS if isinstance(match.kwargs.get(name), int)}
    if "slug" in match.kwargs and (match.route.startswith("listen/") or "studies/" in match.route):
        found["study"] = match.kwargs["slug"]
    if (key := str(match.kwargs.get("object_id", ""))).isdecimal():
        found |= {"kind": match.url_name, "rows": [int(key)]}
    return found


def view_of(request: HttpRequest) -> str:
    """By its name, as in `listening:vote`; static files and addresses of nothing have none."""
    match = request.resolver_match
    return match.view_name if match and match.url_name else "none"


def _method(request: HttpRequest) -> str:
    """Whoever makes up methods must not make up series."""
    return request.method if request.method in METHODS else "other"


def _request_id(request: HttpRequest) -> str:
    given = request.headers.get("X-Request-ID", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
