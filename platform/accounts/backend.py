"""How a researcher is recognised: by name and password, under the limits of accounts/tries.py."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.backends import ModelBackend
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from accounts import audit
from accounts.models import Membership, User
from accounts.tries import OF_NAME_FROM_PLACE, Try, place_of


class ResearcherBackend(ModelBackend):
    """An unknown name, a wrong password and too many tries are the same, and take the same time."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        tried = Try("researcher", username, place_of(request))
        user = cast(User | None, super().authenticate(request, username=username, password=password))
        if user is None and tried.is_last:
            of = User.objects.filter(username=username).first()
            text = f"Signing in was shut for a quarter of an hour: {OF_NAME_FROM_PLACE} wrong passwords in a row."
            audit.note(audit.Kind.SIGN_IN, f"{text} {f'For {of}.' if of else 'For a name that nobody has.'}")
        if user is None or not tried.allowed:
            return None
        tried.right()
        return user

    def get_user(self, user_id: int) -> User | None:
        """With what their teams ask of them, so that no page has to look it up."""
        strict = Membership.objects.filter(user=OuterRef("pk"), team__second_factor=True)
        user = User.objects.annotate(team_asks_for_factor=Exists(strict)).filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
