"""Signing a browser in and out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from accounts.models import RaterAccount
from listening.panel.signed_in import ACCOUNT, HASH
from listening.views.page import COOKIE, remember


def enter(response: HttpResponse, request: HttpRequest, account: RaterAccount) -> HttpResponse:
    """Signs the browser in; every study knows the rater from now on."""
    request.session.cycle_key()  # a session that somebody else had prepared must not become an account's
    request.session[ACCOUNT] = account.pk
    keep(request, account)
    return remember(response, request, account.rater)


def keep(request: HttpRequest, account: RaterAccount) -> None:
    """Lets this browser stay signed in after a change of password."""
    request.session[HASH] = account.get_session_auth_hash()
    request.panel_account = account  # type: ignore[attr-defined]


def leave(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    """Forgets account and rater; a researcher who is signed in in the same browser stays so."""
    if request.session.pop(ACCOUNT, None) is not None:
        request.session.pop(HASH, None)
        request.session.cycle_key()
    request.panel_account = None  # type: ignore[attr-defined]
    response.delete_cookie(COOKIE, samesite="Lax")
    return response
