"""Spans on their way to an OpenTelemetry collector. Imported only where one is set: see exporting.py."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Status
from structlog.contextvars import get_contextvars

from config.discretion import discreet

# Attributes that say where somebody was and who they are, in the old and the new words of the field.
PERSONAL = {
    "http.url", "http.target", "url.full", "url.path", "url.query", "http.client_ip", "client.address",
    "net.peer.ip", "net.peer.port", "network.peer.address", "network.peer.port", "client.port",
    "http.user_agent", "user_agent.original",
}  # fmt: skip


def provider(service: str) -> TracerProvider:
    name = os.environ.get("OTEL_SERVICE_NAME") or f"audionese-{service}"
    made = TracerProvider(resource=Resource.create({SERVICE_NAME: name}))
    made.add_span_processor(Context())
    made.add_span_processor(BatchSpanProcessor(Impersonal(OTLPSpanExporter())))
    trace.set_tracer_provider(made)
    return made


class Context(SpanProcessor):
    """What a span is about, as log lines say it."""

    def on_start(self, span: Any, parent_context: Any = None) -> None:
        for name, value in get_contextvars().items():
            span.set_attribute(f"audionese.{name}", value)


class Impersonal(SpanExporter):
    """Passes spans on without what they know of people."""

    def __init__(self, exporter: SpanExporter) -> None:
        self.exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self.exporter.export([_impersonal(span) for span in spans])

    def shutdown(self) -> None:
        self.exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.exporter.force_flush(timeout_millis)


def _impersonal(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_kept(span.attributes),
        events=[Event(event.name, _kept(event.attributes), event.timestamp) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code, span.status.description and discreet(span.status.description)),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _kept(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    found = {name: value for name, value in (attributes or {}).items() if name not in PERSONAL}
    return {name: discreet(value) if isinstance(value, str) else value for name, value in found.items()}
