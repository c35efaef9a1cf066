"""Whose password was right in this browser a moment ago, and whose code is still to come."""

from __future__ import annotations

import time

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.models import User

KEY = "signing_in"
SECONDS = 600


def begin(request: HttpRequest, user: User, leads_to: str) -> None:
    request.session.cycle_key()
    request.session[KEY] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "until": time.time() + SECONDS,
        "leads_to": leads_to,
    }


def user_of(request: HttpRequest) -> User | None:
    """Nobody after ten minutes, or once the password or the factor are others."""
    found = request.session.get(KEY)
    if not found or found["until"] < time.time():
        return None
    user = User.objects.filter(pk=found["user"], is_active=True).first()
    return user if user and constant_time_compare(found["hash"], user.get_session_auth_hash()) else None


def end(request: HttpRequest) -> str:
    """Where signing in leads to."""
    return request.session.pop(KEY, {}).get("leads_to", "")
