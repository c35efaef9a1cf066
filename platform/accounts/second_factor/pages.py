"""Signing in with one factor or two, and the page on which the second is set up."""

from __future__ import annotations

import base64
from typing import cast

import segno
from django.contrib.auth import authenticate, login, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from accounts.models import User
from accounts.second_factor import factor, pending
from accounts.second_factor.forms import CodeForm, SetUpForm, SignInForm
from accounts.tries import place_of

WRONG = (
    "That code is not right, or there were too many tries. Check the clock of your device, or wait a quarter of an "
    "hour."
)
KEY = "second_factor_key"  # of the session: what a device is being told
BACKEND = "accounts.backend.ResearcherBackend"


class SignIn(LoginView):
    """The one way in, also to the admin."""

    authentication_form = SignInForm
    next_page = "results:studies"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = cast(User, form.get_user())
        if user.second_factor_since is None:
            return super().form_valid(form)
        pending.begin(self.request, user, self.get_redirect_url())
        return redirect("account:code")


@never_cache
def to_admin(request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
    """The admin has no log-in of its own. Whoever is signed in and led here lacks the right to be there."""
    if not request.user.is_authenticated:
        leads_to = request.GET.get("next", "")
        here = url_has_allowed_host_and_scheme(leads_to, {request.get_host()}, request.is_secure())
        return redirect_to_login(leads_to if here else resolve_url("admin:index"))
    if not request.user.is_staff:
        raise PermissionDenied
    return redirect("admin:index")


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Asks for the code of whoever's password was right."""
    user = pending.user_of(request)
    if user is None:
        return redirect("results:login")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if factor.accepts(user=user, code=form.cleaned_data["code"], place=place_of(request)):
            leads_to = pending.end(request)
            login(request, user, backend=BACKEND)
            return redirect(leads_to or "results:studies")
        form.add_error("code", WRONG)
    return render(request, "accounts/code.html", {"form": form})


@never_cache
@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """Sets it up; or, where there is one, makes new recovery codes or gives it up."""
    user = cast(User, request.user)
    return _change(request, user) if user.second_factor_since else _set_up(request, user)


def _set_up(request: HttpRequest, user: User) -> HttpResponse:
    form = SetUpForm(request.POST if request.method == "POST" else None)
    key = request.session.setdefault(KEY, random_hex(20))
    if form.is_valid():
        if authenticate(request, username=user.username, password=form.cleaned_data["password"]) != user:
            form.add_error("password", "This is not your password, or there were too many tries.")
        elif codes := factor.confirm(user=user, key=key, code=form.cleaned_data["code"]):
            del request.session[KEY]
            return _codes(request, user, codes)
        else:
            form.add_error("code", "This code is not right. Take the one that your device shows now.")
    told = factor.offered(user, key)
    picture = segno.make(told.config_url, error="m").svg_data_uri(scale=4, border=3, light="white")
    context = {"form": form, "picture": picture, "key": _typed(told), "owed": factor.is_owed(user)}
    return render(request, "accounts/set_up.html", context)


def _typed(device: TOTPDevice) -> str:
    """What the picture says, for whoever has to type it."""
    key = base64.b32encode(device.bin_key).decode()
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


def _change(request: HttpRequest, user: User) -> HttpResponse:
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if not factor.accepts(user=user, code=form.cleaned_data["code"], place=place_of(request)):
            form.add_error("code", WRONG)
        elif "give_up" in request.POST:
            factor.take_away(user=user, by=user)
            update_session_auth_hash(request, user)
            return redirect("account:second_factor")
        else:
            return _codes(request, user, factor.new_codes(user=user))
    left = user.recovery_codes.filter(used_at=None).count()
    return render(
        request, "accounts/second_factor.html", {"form": form, "left": left, "since": user.second_factor_since}
    )


def _codes(request: HttpRequest, user: User, codes: list[str]) -> HttpResponse:
    """They go into this page alone: not into a message, a cookie or a log. Other sessions of the user end."""
    update_session_auth_hash(request, user)
    return render(request, "accounts/codes.html", {"codes": codes})
