"""Sound for the rater's player, under a name that says nothing."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from listening import ranges, sounds
from listening.actions.record_listening import record_served
from listening.models import Presentation
from listening.views.page import rater_of

CHUNK = 32 * 1024  # bytes


@require_safe
def play(request: HttpRequest, token: str) -> HttpResponse | StreamingHttpResponse:
    """The clip behind a token, whole or one range of it, for its own rater and while the claim is open."""
    presentation, side = _find(request, token)
    data = sounds.wav(presentation, side)
    try:
        wanted = ranges.parse(request.headers.get("Range", ""), len(data))
    except ranges.Unsatisfiable:
        return _headers(HttpResponse(status=416), f"bytes */{len(data)}", 0)
    start, stop = wanted or (0, len(data))
    body = counted(presentation, side, data, start, stop) if request.method == "GET" else iter(())
    response = StreamingHttpResponse(body, status=206 if wanted else 200, content_type="audio/wav")
    return _headers(response, f"bytes {start}-{stop - 1}/{len(data)}" if wanted else "", stop - start)


def _find(request: HttpRequest, token: str) -> tuple[Presentation, str]:
    """Not there, somebody else's, or over: to whoever asks, these are the same."""
    rater = rater_of(request)
    open_ = Presentation.objects.filter(session__rater=rater, state=Presentation.State.CLAIMED).select_related(
        "trial__first_clip", "trial__second_clip"
    )
    for side in ("a", "b"):
        if rater and (found := open_.filter(**{f"{side}_token": token}).first()):
            return found, side
    raise Http404


def counted(presentation: Presentation, side: str, data: bytes, start: int, stop: int) -> Iterator[bytes]:
    """Yields the bytes and records how many went out, also when the connection is cut in the middle."""
    began, sent = timezone.now(), start
    try:
        for position in range(start, stop, CHUNK):
            chunk = data[position : min(stop, position + CHUNK)]
            yield chunk
            sent = position + len(chunk)
    finally:
        record_served(presentation=presentation, side=side, start=start, stop=sent, now=began)


def _headers(response, content_range: str, length: int):
    response.headers["Content-Length"] = str(length)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if content_range:
        response.headers["Content-Range"] = content_range
    return response
