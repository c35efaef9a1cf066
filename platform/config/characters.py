"""A character that nothing here can hold, refused at the door: PostgreSQL keeps no NUL in a text.

So no page that looks something up by what stands in an address, a cookie or a form has to think of it. JSON is read by
results/api/parsers.py, and texts of files by whoever reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponse, QueryDict

REFUSED = "NUL (U+0000) is a character of no text here: leave it out.\n"


class Middleware:
    """Below the limit on bodies, above sessions, which are looked up by a cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = unquote_plus(request.META.get("QUERY_STRING", ""))
        return (
            _refusal() if _holds([request.path_info, query, *request.COOKIES.values()]) else self.get_response(request)
        )

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponse | None:
        """A form, unless the view reads its body in its own way, as the API does."""
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        return _refusal() if _holds(_texts(request.POST)) else None


def _texts(form: QueryDict) -> Iterator[str]:
    for name, values in form.lists():
        yield from (name, *map(str, values))


def _holds(texts: Iterable[str]) -> bool:
    return any("\0" in text for text in texts)


def _refusal() -> HttpResponse:
    return HttpResponse(REFUSED, status=400, content_type="text/plain; charset=utf-8")
