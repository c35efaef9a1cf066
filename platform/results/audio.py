"""A clip over HTTP, whole or one range of it, exactly as the generator made it."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags, quote_etag

from listening import ranges
from studies.models import Clip
from studies.storage import files


def audio_response(request: HttpRequest, clip: Clip) -> HttpResponse:
    """200, 206 for one byte range, 304 to whoever has it, or 416 where the range begins behind the end."""
    name = str(clip.audio.name)
    size = files().size(name)
    # A name says its content, wherever the bytes are: a download that began in one place goes on in the other.
    etag = quote_etag(hashlib.sha256(name.encode()).hexdigest()[:32])
    headers = {**_HEADERS, "ETag": etag}
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponse(status=304, headers=headers)
    asked = request.headers.get("Range", "") if request.headers.get("If-Range", etag) == etag else ""
    try:
        wanted = ranges.parse(asked, size)
    except ranges.Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, stop = wanted or (0, size)
    body = files().read_range(name, start, stop - start) if request.method == "GET" else b""
    response = HttpResponse(body, status=206 if wanted else 200, content_type="audio/flac", headers=headers)
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
