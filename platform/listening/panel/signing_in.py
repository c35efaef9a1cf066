"""Signing in and out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.panels import links, signing_in
from accounts.panels.errors import WrongPassword
from accounts.tries import place_of
from listening.panel import browser
from listening.panel.forms import AddressForm, PasswordForm
from listening.panel.guard import panel_page
from listening.panel.signed_in import account_of
from studies import clock


@require_http_methods(["GET", "HEAD", "POST"])
@panel_page
def ask(request: HttpRequest) -> HttpResponse:
    """Sends a link. What is answered does not depend on whether the address has an account."""
    if account_of(request):
        return redirect("panel:home")
    form = AddressForm(request.POST or None)
    if not form.is_valid():
        return _page(request, address=form)
    signing_in.send_sign_in_link(email=form.cleaned_data["email"], site=site(request), now=clock.now())
    return redirect("panel:sent")


@require_POST
@panel_page
def password(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _page(request, password=form)
    try:
        account = signing_in.sign_in_by_password(**form.cleaned_data, now=clock.now(), place=place_of(request))
    except WrongPassword as error:
        form.add_error(None, str(error))
        return _page(request, password=form, status=error.status)
    return browser.enter(redirect("panel:home"), request, account)


@require_safe
@panel_page
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "panel/sent.html", {"minutes": int(links.VALID.total_seconds() // 60)})


@require_http_methods(["GET", "HEAD", "POST"])
@panel_page
def link(request: HttpRequest, token: str) -> HttpResponse:
    """GET only shows a button: programs that check e-mail open every link in it."""
    if request.method != "POST":
        return render(request, "panel/link.html", {"who": links.account_of(token).email})
    account = signing_in.sign_in_by_link(token=token, now=clock.now(), place=place_of(request))
    return browser.enter(redirect("panel:home"), request, account)


@require_POST
@panel_page
def out(request: HttpRequest) -> HttpResponse:
    return browser.leave(redirect("panel:sign_in"), request)


def site(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _page(request: HttpRequest, address=None, password=None, status: int = 200) -> HttpResponse:
    context = {"address": address or AddressForm(), "password": password or PasswordForm()}
    return render(request, "panel/sign_in.html", {**context, "open": password is not None}, status=status)
