"""How much a request may bring: judged before a byte of it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

TEXT = "text/plain; charset=utf-8"
# Where a dataset with its sounds may be brought, of which only the texts are kept.
OF_FILES = ("admin:prompts_promptset_import",)


class Middleware:
    """Above the check of forms' tokens, which reads them. What takes a file in may limit it further."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponse | None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()):
            return HttpResponse("Content-Length is no number.\n", status=400, content_type=TEXT)
        if not _is_more(length, most := _most(request)):
            return None
        text = f"A request may bring {most:,} bytes at most: split the file.\n"
        return HttpResponse(text, status=413, content_type=TEXT)


def _is_more(length: str, most: int) -> bool:
    """Of digits, which may be more than Python reads."""
    return len(length) > len(str(most)) + 9 or int(length) > most


def _most(request: HttpRequest) -> int:
    match = request.resolver_match
    files = match is not None and match.view_name in OF_FILES and request.user.is_authenticated
    return settings.LARGEST_FILE if files else settings.LARGEST_BODY
