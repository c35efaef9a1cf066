"""The audit trail: who signed in, who may do what, who took data along. Written with the deed.

Nothing about raters goes in but their number here: whoever is erased must not live on in it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from accounts.models import AuditEntry, User

Kind = AuditEntry.Kind
_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


def note(kind: Kind, text: str, by: User | None = None) -> AuditEntry:
    """by: else whoever asks for the page that does it; else the product."""
    user = by or acting()
    return AuditEntry.objects.create(kind=kind, text=text[:300], by=user, who=user.get_username() if user else "")


def acting() -> User | None:
    """Whoever is signed in where a request is answered, by session or by token."""
    user = getattr(_request.get(), "user", None)
    return user if user is not None and user.is_authenticated else None


class Middleware:
    """So that whatever is written while a page is made knows for whom."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = _request.set(request)
        try:
            return self.get_response(request)
        finally:
            _request.reset(before)
