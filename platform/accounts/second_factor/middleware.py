"""Whoever has to have a second factor, and has none yet, sets it up before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from accounts.second_factor.factor import is_owed

# Raters' pages know no researchers; the API says it in its own way (results/api/tokens.py).
PASSED = ("listening", "panel", "api")
OPEN = ("account:second_factor", "results:logout", "admin:logout", "admin:jsi18n")
RESEARCHERS = ("listening:preview",)


class Middleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.view_name in OPEN:
            return None
        if match.namespace in PASSED and match.view_name not in RESEARCHERS:
            return None
        user = request.user
        return redirect("account:second_factor") if isinstance(user, User) and is_owed(user) else None
