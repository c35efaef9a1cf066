"""The addresses that machines ask, answered before all else: under any host name, over plain HTTP, without a session.

A health check comes from inside, under a host name that the site does not have, and must not be led to https.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.observability import health, metrics

PROBES: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {
    "healthz": health.healthz,
    "readyz": health.readyz,
    "metrics": metrics.metrics,
}


class Probes:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        probe = PROBES.get(request.path_info.removeprefix("/"))
        return probe(request) if probe else self.get_response(request)
