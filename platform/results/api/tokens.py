"""Whom a token speaks for, what it may do, and how often."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, F
from django.db.models.functions import Greatest
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import ApiToken, User
from accounts.second_factor.factor import is_owed
from studies import clock

Scope = ApiToken.Scope


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer KEY`. The key is looked up by its hash; an expired one is refused by name."""

    def authenticate(self, request):
        scheme, _, key = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or not key:
            return None
        token = ApiToken.objects.select_related("user").filter(digest=ApiToken.digest_of(key.strip())).first()
        if token is None or not token.user.is_active:
            raise AuthenticationFailed("Unknown token. Make one under Accounts › API keys.")
        if token.expired:
            raise AuthenticationFailed(f"Token {token.name!r} expired on {token.expires_at:%Y-%m-%d}.")
        return token.user, token

    def authenticate_header(self, request) -> str:
        return "Bearer"


class Scoped(BasePermission):
    """What a token was made for. Whoever is signed in may do by hand what they may do in the admin."""

    def has_permission(self, request: Request, view: Any) -> bool:
        token = request.auth
        if not isinstance(token, ApiToken):
            self.message = "Set up a second factor first: your team asks for it."
            return not (isinstance(request.user, User) and is_owed(request.user))
        scope = getattr(view, "scope", Scope.READ) if request.method in SAFE_METHODS else Scope.WRITE
        self.message = f"Token {token.name!r} has not the scope `{scope}`. Make one that has, or add it in the admin."
        return token.may(scope)


class Rate(BaseThrottle):
    """So many requests a minute for each token, saved-up ones at once; counted in the database, for all processes.

    The generic cell rate algorithm: `busy_until` moves on by one interval a request, and may be a minute ahead.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        token = request.auth
        if not isinstance(token, ApiToken):
            return True
        now, minute = clock.now(), timedelta(minutes=1)
        interval = minute / settings.API_REQUESTS_A_MINUTE
        later = Greatest(F("busy_until"), now, output_field=DateTimeField()) + interval
        rows = ApiToken.objects.filter(pk=token.pk, busy_until__lte=now + minute - interval)
        if rows.update(busy_until=later, last_used_at=now):
            return True
        token.refresh_from_db(fields=["busy_until"])
        self.seconds = (token.busy_until + interval - now - minute).total_seconds()
        return False

    def wait(self) -> float:
        return max(1, math.ceil(self.seconds))
