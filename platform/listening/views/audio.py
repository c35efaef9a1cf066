"""Sound for the rater's player, under a name that says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from listening import ranges, sounds
from listening.actions.record_listening import record_served
from listening.models import Playback, Presentation
from listening.views.page import rater_id
from studies import clock

CHUNK = 32 * 1024  # bytes
# Kept by this browser for as long as a trial lasts: what was fetched ahead is there when its page opens.
CACHE = "private, max-age=900, immutable"


@require_safe
def play(request: HttpRequest, token: str) -> HttpResponse | StreamingHttpResponse:
    """The clip behind a token, whole or one range of it, for its own rater and while the claim is open."""
    playback = _find(request, token)
    data = sounds.wav(playback)
    return sent(request, data, lambda start, stop: counted(playback, data, start, stop))


def sent(request: HttpRequest, data: bytes, body: Callable[[int, int], Iterator[bytes]], cache: str = CACHE):
    """The answer that carries a sound; understands one Range (RFC 9110)."""
    # No answer of ours names a version, so If-Range names another one: all of it is sent.
    asked = "" if "If-Range" in request.headers else request.headers.get("Range", "")
    try:
        wanted = ranges.parse(asked, len(data))
    except ranges.Unsatisfiable:
        return _headers(HttpResponse(status=416), f"bytes */{len(data)}", 0, "no-store")
    start, stop = wanted or (0, len(data))
    content = body(start, stop) if request.method == "GET" else iter(())
    response = StreamingHttpResponse(content, status=206 if wanted else 200, content_type="audio/wav")
    return _headers(response, f"bytes {start}-{stop - 1}/{len(data)}" if wanted else "", stop - start, cache)


def _find(request: HttpRequest, token: str) -> Playback:
    """Not there, somebody else's, or over: to whoever asks, these are the same."""
    open_ = Playback.objects.filter(
        token=token, presentation__session__rater_id=rater_id(request), presentation__state=Presentation.State.CLAIMED
    ).select_related("presentation__session", "presentation__trial")
    # The few columns that a sound needs: this is what is asked for most.
    open_ = open_.only(
        "served",
        "stimulus_id",
        "presentation__first_served_at",
        "presentation__session__language",
        "presentation__trial__created_at",
    )
    if (found := open_.first()) is None:
        raise Http404
    return found


def counted(playback: Playback, data: bytes, start: int, stop: int) -> Iterator[bytes]:
    """Yields the bytes and records how many went out, also when the connection is cut in the middle.

    The last piece goes out when the count is stored: a browser that has it all must not keep a sound of which we know
    nothing. Where that fails, the answer breaks off, and the browser asks for the rest.
    """
    began, last = clock.now(), max(start, stop - CHUNK)
    sent_to = start
    try:
        for position in range(start, last, CHUNK):
            chunk = data[position : min(last, position + CHUNK)]
            yield chunk
            sent_to = position + len(chunk)
        record_served(playback=playback, start=start, stop=stop, now=began)
        sent_to = start  # nothing is left to be recorded
        yield data[last:stop]
    finally:
        if sent_to > start:
            record_served(playback=playback, start=start, stop=sent_to, now=began)


def _headers(response, content_range: str, length: int, cache: str):
    response.headers["Content-Length"] = str(length)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = cache
    response.headers["X-Content-Type-Options"] = "nosniff"
    if content_range:
        response.headers["Content-Range"] = content_range
    return response
