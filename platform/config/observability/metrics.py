"""/metrics: what Prometheus reads. The database's figures, and those of this web server's processes."""

from __future__ import annotations

import ipaddress
import os

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from config.observability.figures import Figures

# What a proxy says of whom it speaks for: then the peer's address is the proxy's, and tells nothing.
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """As if it did not exist, for whoever may not read it."""
    if not allowed(request):
        raise Http404
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(registry()), content_type=content_type)


def registry() -> CollectorRegistry:
    """Made anew for each answer: the processes' figures are read from the files that they share."""
    made = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(made)
    else:
        made.register(REGISTRY)  # type: ignore[arg-type] # a registry collects as a collector does
    made.register(Figures())
    return made


def allowed(request: HttpRequest) -> bool:
    """By the token where one is set; else from the networks that are named, when nobody stands in between."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return constant_time_compare(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    if any(request.headers.get(name) for name in FORWARDED):
        return False
    try:
        peer = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:  # a socket of the file system has no address: then a proxy is in front of it
        return False
    peer = getattr(peer, "ipv4_mapped", None) or peer
    return any(peer in ipaddress.ip_network(network) for network in settings.METRICS_NETWORKS)
