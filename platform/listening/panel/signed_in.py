"""Who is signed in in this browser, and in which language.

The account is known by Django's session alone: the rater's cookie, which every listener has, opens no account.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.models import Rater, RaterAccount
from accounts.panels.language import supported

ACCOUNT, HASH = "panel_account", "panel_hash"


def account_of(request: HttpRequest) -> RaterAccount | None:
    """Whoever signed in here, unless they have set another password or deleted the account since."""
    if not hasattr(request, "panel_account"):
        request.panel_account = _account(request)  # type: ignore[attr-defined]
    return request.panel_account  # type: ignore[attr-defined]


def _account(request: HttpRequest) -> RaterAccount | None:
    known = request.session.get(ACCOUNT)
    account = RaterAccount.objects.select_related("rater").filter(pk=known).first() if known else None
    if account and constant_time_compare(request.session.get(HASH, ""), account.get_session_auth_hash()):
        return account
    return None


def language_of(request: HttpRequest, rater: Rater | None = None) -> str:
    """The language of whoever is signed in, else of the rater's account; empty: the browser's own."""
    account = account_of(request)
    if account is None and rater is not None:
        account = RaterAccount.objects.filter(rater=rater).first()
    return supported(account.language) if account else ""
