"""After the trials: the code, a comment, thanks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from listening import errors, providers
from listening.actions import comment as commenting
from listening.models import Provider, Session
from listening.views.page import page, session_of
from studies import clock

Way = Provider.HandIn


@require_safe
@page
def end(request: HttpRequest, slug: str) -> HttpResponse:
    session = session_of(request, slug)
    if session.active:
        raise errors.StillWaiting
    provider = providers.of(session)
    context = {
        "session": session,
        "provider": provider,
        "way": way(session, provider),
        "by_headphones": session.headphone_checks.filter(passed=False).exists(),
        "completion_url": providers.completion_url(session),
        "longest": commenting.LONGEST,
    }
    return render(request, "listening/end.html", context)


def way(session: Session, provider: Provider | None) -> str:
    """How what is on the page reaches whoever pays: by a link, by MTurk's page, by the code, or not at all."""
    if session.state == Session.State.RETURNED:
        return "nothing"
    if session.rater.provider in (providers.VOLUNTEER, providers.PANEL):
        return session.rater.provider
    return provider.hand_in if provider else Way.CODE


@require_POST
@page
def comment(request: HttpRequest, slug: str) -> HttpResponse:
    session = session_of(request, slug)
    commenting.comment(session=session, text=request.POST.get("comment", ""), now=clock.now())
    return redirect("listening:end", slug=slug)
