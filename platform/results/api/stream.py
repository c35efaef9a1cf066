"""Server-sent events: a stream that ends by itself before it starves the web server of threads."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.renderers import BaseRenderer, JSONRenderer

SECONDS, EVERY = 25.0, 1.0
COME_BACK = 2_000  # milliseconds, after which a reader asks again
_free = threading.Semaphore(1)  # streams at once in one process: its other threads serve raters

State = dict[str, Any]


class EventStream(BaseRenderer):
    """What `Accept: text/event-stream` asks for; it renders only what went wrong before the stream began."""

    media_type, format = "text/event-stream", "events"

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        return JSONRenderer().render(data)


def events(now: Callable[[], State], over: Callable[[State], bool], seconds: float = SECONDS) -> StreamingHttpResponse:
    """`progress` at once and whenever it changed, then `end`. Where no thread is free: once, and come back later."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(_told(now, over, seconds), content_type="text/event-stream", headers=headers)


def _told(now: Callable[[], State], over: Callable[[State], bool], seconds: float) -> Iterator[bytes]:
    yield f"retry: {COME_BACK}\n\n".encode()
    following = _free.acquire(blocking=False)
    until, last = time.monotonic() + (seconds if following else 0), None
    try:
        while True:
            state = now()
            if state != last:
                yield _event("progress", state)
                last = state
            if over(state):
                yield _event("end", {"status": state["status"]})
                return
            if time.monotonic() + EVERY > until:
                return
            time.sleep(EVERY)
    finally:
        if following:
            _free.release()


def _event(name: str, data: State) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
