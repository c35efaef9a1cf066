"""The first page of an invited rater: what is open, what is done, what is owed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Rater, RaterAccount
from listening import rules
from listening.models import HeadphoneCheck, Session
from listening.panel.guard import members_only
from listening.panel.offers import offers
from listening.panel.owed import Ended, balances, ended
from listening.views.page import remember
from studies import clock


@require_safe
@members_only
def show(request: HttpRequest, account: RaterAccount) -> HttpResponse:
    done = finished(account.rater)
    context = {
        "account": account,
        "offers": offers(account, get_language() or ""),
        "done": done,
        "balances": balances(done),
        "headphones_until": headphones_until(account.rater, clock.now()),
    }
    return render(request, "panel/home.html", context)


@require_POST
@members_only
def begin(request: HttpRequest, account: RaterAccount, slug: str) -> HttpResponse:
    """As this rater, whoever listened in this browser last."""
    return remember(redirect("listening:arrive", slug=slug), request, account.rater)


def finished(rater: Rater) -> list[Ended]:
    """Sessions that cannot be gone on with, newest first."""
    over = rater.sessions.exclude(state=Session.State.ACTIVE, study__status="complete")
    return [ended(session) for session in over.select_related("study__listening_test", "study__team").order_by("-pk")]


def headphones_until(rater: Rater, now: datetime) -> datetime | None:
    """Until when a headphone check that was passed is believed."""
    valid = timedelta(hours=rules.value("HEADPHONES_HOURS"))
    check = HeadphoneCheck.objects.filter(rater=rater, passed=True, answered_at__gt=now - valid)
    latest = check.order_by("-answered_at").values_list("answered_at", flat=True).first()
    return latest + valid if latest else None
