"""Deletion of an account, by its owner."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import RaterAccount
from listening.actions.erase import erase
from listening.models import Vote
from listening.panel import browser
from listening.panel.forms import DeleteForm
from listening.panel.guard import members_only, panel_page
from listening.panel.home import finished
from listening.panel.owed import balances


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def delete(request: HttpRequest, account: RaterAccount) -> HttpResponse:
    """GET says exactly what goes; POST lets it go."""
    form = DeleteForm(request.POST if request.method == "POST" else None, asked=account.rater.sessions.exists())
    if not form.is_valid():
        return render(request, "panel/delete.html", _what_goes(account) | {"form": form})
    erase(rater=account.rater, keep_votes=form.cleaned_data.get("answers") == "keep")
    return browser.leave(redirect("panel:deleted"), request)


@require_safe
@panel_page
def deleted(request: HttpRequest) -> HttpResponse:
    return render(request, "panel/deleted.html")


def _what_goes(account: RaterAccount) -> dict:
    return {
        "account": account,
        "memberships": account.memberships.select_related("panel__team"),
        "sessions": account.rater.sessions.count(),
        "answers": Vote.objects.filter(presentation__session__rater=account.rater).count(),
        "owed": [balance for balance in balances(finished(account.rater)) if balance.due or balance.checked],
    }
