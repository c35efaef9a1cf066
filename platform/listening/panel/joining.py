"""The answer to an invitation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from accounts.panels import joining
from accounts.panels.errors import JoinedAlready
from accounts.panels.language import supported
from listening.panel import browser
from listening.panel.guard import panel_page
from listening.panel.signed_in import account_of
from studies import clock


@require_http_methods(["GET", "HEAD", "POST"])
@panel_page
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the invitation, in the language of its e-mail; POST accepts or declines."""
    try:
        member = joining.invitation(token, clock.now())
        if request.POST.get("answer") == "accept":
            account = joining.join(token=token, now=clock.now())
            return browser.enter(redirect("panel:home"), request, account)
    except JoinedAlready:
        if account_of(request):
            return redirect("panel:home")
        raise
    if request.POST.get("answer") == "decline":
        joining.decline(token=token, now=clock.now())
        return redirect("panel:declined")
    with translation.override(supported(member.language) or translation.get_language()):
        return render(request, "panel/join.html", {"member": member})


@require_safe
@panel_page
def declined(request: HttpRequest) -> HttpResponse:
    return render(request, "panel/declined.html")
