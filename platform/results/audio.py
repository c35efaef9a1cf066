"""A clip over HTTP, whole or one range of it, exactly as the generator made it."""

from __future__ import annotations

from django.core.files.storage import Storage
from django.http import HttpRequest, HttpResponse

from listening import ranges
from studies.models import Clip


def audio_response(request: HttpRequest, clip: Clip) -> HttpResponse:
    """200, 206 for one byte range, or 416 where it begins behind the end."""
    storage, name = clip.audio.storage, str(clip.audio.name)
    size = storage.size(name)
    try:
        wanted = ranges.parse(request.headers.get("Range", ""), size)
    except ranges.Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, stop = wanted or (0, size)
    body = _read(storage, name, start, stop - start) if request.method == "GET" else b""
    response = HttpResponse(body, status=206 if wanted else 200, content_type="audio/flac", headers=_HEADERS)
    response.headers["Content-Length"] = str(stop - start)
    if wanted:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return response


# A finished clip never changes; only its reader may keep it.
_HEADERS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, max-age=86400, immutable",
    "X-Content-Type-Options": "nosniff",
}


def _read(storage: Storage, name: str, start: int, length: int) -> bytes:
    if hasattr(storage, "read_range"):
        return storage.read_range(name, start, length)
    with storage.open(name) as file:
        file.seek(start)
        return file.read(length)
