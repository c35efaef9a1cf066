"""Errors to Sentry and traces to an OpenTelemetry collector, each where a setting names its address.

Neither learns more of people than our log lines do: no page's address, no body, no cookie, no variable, no IP address.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from structlog.contextvars import get_contextvars

from config.discretion import discreet

TAGS = ("request_id", "study", "task", "task_id", "worker", "kind", "engine")
PROBES = "healthz,readyz,metrics"
_begun: list[str] = []


def begin(service: str) -> None:
    """service: web, worker or beat. Raises ImproperlyConfigured where something is set but not installed.

    Once in a process: a worker's own beat belongs to the worker.
    """
    if _begun:
        return
    _begun.append(service)
    if dsn := os.environ.get("SENTRY_DSN"):
        _to_sentry(dsn, service)
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        _to_collector(service)


def _module(name: str, setting: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImproperlyConfigured(
            f"{setting} is set, but {error.name} is not installed: pip install -r requirements/observability.txt"
        ) from error


def _to_sentry(dsn: str, service: str) -> None:
    sentry = _module("sentry_sdk", "SENTRY_DSN")
    try:
        sentry.init(
            dsn=dsn,
            environment=os.environ.get("SENTRY_ENVIRONMENT", "production"),
            send_default_pii=False,
            max_request_body_size="never",
            include_local_variables=False,
            max_breadcrumbs=0,
            before_send=_told,
        )
    except sentry.utils.BadDsn as error:
        raise ImproperlyConfigured("SENTRY_DSN is not an address of Sentry's: copy it from the project.") from error
    sentry.set_tag("service", service)


def _told(event: dict[str, Any], _hint: Mapping[str, Any]) -> dict[str, Any]:
    """An error as Sentry gets it."""
    request = event.pop("request", None)
    if request:
        event["request"] = {"method": request.get("method")}
    for name in ("user", "breadcrumbs", "extra"):
        event.pop(name, None)
    for error in (event.get("exception") or {}).get("values", ()):
        error["value"] = discreet(error.get("value") or "")
    event.pop("logentry", None)  # it names the address of the page; the exception says the rest
    known = {name: str(value) for name, value in get_contextvars().items() if name in TAGS}
    event["tags"] = {**(event.get("tags") or {}), **known}
    return event


def _to_collector(service: str) -> None:
    """Where to and how much, by OpenTelemetry's own variables: OTEL_EXPORTER_OTLP_…, OTEL_TRACES_SAMPLER, …"""
    setting = "OTEL_EXPORTER_OTLP_ENDPOINT"
    spans = _module("config.observability.spans", setting)
    provider = spans.provider(service)
    django = _module("opentelemetry.instrumentation.django", setting)
    django.DjangoInstrumentor().instrument(tracer_provider=provider, excluded_urls=PROBES)
    psycopg = _module("opentelemetry.instrumentation.psycopg", setting)
    psycopg.PsycopgInstrumentor().instrument(tracer_provider=provider, skip_dep_check=True)
    celery = _module("opentelemetry.instrumentation.celery", setting)
    celery.CeleryInstrumentor().instrument(tracer_provider=provider)
