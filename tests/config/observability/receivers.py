"""Sentry and an OpenTelemetry collector on this machine, as far as their clients see them: they take POSTs."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli  # what Sentry's client compresses with where it is installed

DECODED: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
PATIENCE = 300  # seconds: clients send in batches, and a shared machine may be slow


class Receiver:
    """errors: Sentry's events. spans: of OTLP. text: all that came, as far as it is readable."""

    def __init__(self) -> None:
        self.bodies: list[tuple[str, bytes]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.bodies))
        self.address = f"127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Receiver:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def errors(self) -> list[dict[str, Any]]:
        lines = [line for path, body in list(self.bodies) if "/envelope/" in path for line in body.splitlines()]
        return [item for item in map(json.loads, filter(None, lines)) if "exception" in item]

    @property
    def spans(self) -> list[Span]:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        requests = [ExportTraceServiceRequest.FromString(b) for path, b in list(self.bodies) if path == "/v1/traces"]
        return [
            Span(span, _plain(of.resource.attributes)["service.name"])
            for request in requests
            for of in request.resource_spans
            for scope in of.scope_spans
            for span in scope.spans
        ]

    @property
    def text(self) -> str:
        return " ".join(body.decode(errors="replace") for _path, body in list(self.bodies))

    def wait_until(self, happened: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < deadline, f"{len(self.bodies)} bodies came, and not what was waited for"
            time.sleep(0.1)


class Span:
    def __init__(self, span: Any, service: str) -> None:
        self.name, self.service, self.trace, self.id = span.name, service, span.trace_id, span.span_id
        self.parent, self.attributes = span.parent_span_id, _plain(span.attributes)


def _plain(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value") or "string_value") for one in attributes}


def _handler(bodies: list[tuple[str, bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            bodies.append((self.path, DECODED[self.headers.get("Content-Encoding", "")](body)))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    return Handler
