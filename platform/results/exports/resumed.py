"""A download that can go on where it was cut off.

What is sent is made anew each time: equal studies give equal bytes. So a range is the same stream with its beginning
passed over, under an ETag that changes with the study.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags, quote_etag

from listening import ranges
from results.exports.rests import Rests
from results.exports.slots import Held, Slot
from studies.kept import Stamp, kept, stamp
from studies.models import Study

Made = Callable[[], Iterator[bytes]]
Paced = Callable[[Iterator[bytes]], Iterator[bytes]]


class Content(Protocol):
    """The bytes of one file. paced: puts rests between its blocks as they are made."""

    def size(self, paced: Paced) -> int: ...

    def between(self, paced: Paced, start: int, stop: int | None = None) -> Iterator[bytes]:
        """stop None: up to the end."""
        ...


@dataclass(frozen=True)
class Stream:
    """Content whose size is known only once it was made."""

    made: Made

    def size(self, paced: Paced) -> int:
        return sum(map(len, paced(self.made())))

    def between(self, paced: Paced, start: int, stop: int | None = None) -> Iterator[bytes]:
        at = 0
        for block in paced(self.made()):
            part = block[max(0, start - at) : None if stop is None else max(0, stop - at)]
            at += len(block)
            if part:
                yield part
            if stop is not None and at >= stop:
                return


@dataclass(frozen=True)
class Part:
    size: int
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Parts:
    """Content of parts whose sizes are known: those outside of a range are not read."""

    made: Callable[[], Iterator[Part]]

    def size(self, paced: Paced) -> int:
        return sum(part.size for part in self.made())

    def between(self, paced: Paced, start: int, stop: int | None = None) -> Iterator[bytes]:
        return paced(self._between(start, stop))

    def _between(self, start: int, stop: int | None) -> Iterator[bytes]:
        at = 0
        for part in self.made():
            first, last = max(0, start - at), part.size if stop is None else min(part.size, stop - at)
            at += part.size
            if first < last:
                yield part.read()[first:last]
            if stop is not None and at >= stop:
                return


def download(request: HttpRequest, study: Study, name: str, content_type: str, content: Content, rests_on: Stamp):
    """200 with all of it, 206 with one range, 304 to whoever has it, 416 for a range behind its end.

    A study at work changes all the time: it has no ETag, and no ranges. Raises Busy where too many are made already.
    """
    if not rests_on.so_far:
        headers = {**_headers(study, name), "Accept-Ranges": "none"}
        return _sent(request, content, content_type, headers)
    exact = stamp((rests_on, name), "")  # of something that is sent twice nothing may be older
    etag = quote_etag(exact.rests_on[:40])
    headers = {**_headers(study, name), "ETag": etag, "Accept-Ranges": "bytes"}
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponse(status=304, headers={"ETag": etag, "Cache-Control": headers["Cache-Control"]})
    asked = request.headers.get("Range", "")
    if asked and request.headers.get("If-Range", etag) == etag:
        return _part(request, asked, study, name, content_type, content, exact, headers)
    return _sent(request, content, content_type, headers)


def _sent(request: HttpRequest, content: Content, content_type: str, headers: dict[str, str]) -> HttpResponseBase:
    if request.method != "GET":
        return HttpResponse(content_type=content_type, headers=headers)
    slot = Slot()
    body = Held(_steady(content, slot, 0, None), slot)
    return StreamingHttpResponse(body, content_type=content_type, headers=headers)


def _headers(study: Study, name: str) -> dict[str, str]:
    return {
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'attachment; filename="{study.slug}-{name}"',
        "X-Content-Type-Options": "nosniff",
    }


def _part(
    request: HttpRequest,
    asked: str,
    study: Study,
    name: str,
    content_type: str,
    content: Content,
    exact: Stamp,
    headers: dict[str, str],
) -> HttpResponseBase:
    with Slot() as slot:
        size = kept(study, f"size of {name}", exact, int, lambda: _size(content, slot))
        try:
            wanted = ranges.parse(asked, size)
        except ranges.Unsatisfiable:
            slot.close()
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}", "ETag": headers["ETag"]})
        start, stop = wanted or (0, size)
        headers |= {"Content-Length": str(stop - start)}
        if wanted:
            headers |= {"Content-Range": f"bytes {start}-{stop - 1}/{size}"}
        body = Held(_steady(content, slot, start, stop) if request.method == "GET" else iter(()), slot)
        return StreamingHttpResponse(body, status=206 if wanted else 200, content_type=content_type, headers=headers)


def _size(content: Content, slot: Slot) -> int:
    with _one_moment():
        return content.size(Rests(slot.votes))


def _steady(content: Content, slot: Slot, start: int, stop: int | None) -> Iterator[bytes]:
    """As the study was when it began, whatever is voted meanwhile; slowly where something is."""
    with _one_moment():
        yield from content.between(Rests(slot.votes), start, stop)


@contextmanager
def _one_moment() -> Iterator[None]:
    outermost = not connection.in_atomic_block  # else inside a test, or an action of one's own
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                # Raters come first: PostgreSQL takes one core for a file, and not all that it may have.
                cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        yield
        transaction.set_rollback(True)  # nothing was written, and a range may have given up its query
