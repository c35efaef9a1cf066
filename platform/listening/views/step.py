"""Each page has its time: who asks for another one is led to the one that comes now."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from listening import errors
from listening.actions.end_session import leave
from listening.actions.take_trial import timed_out
from listening.models import Session
from listening.past import Past, past_of
from listening.steps import Step, step_of
from listening.views.page import page, session_of
from studies import clock


def at(step: Step) -> Callable:
    """Calls the view with the request and its session where this step comes now."""

    def for_its_time(view: Callable[[HttpRequest, Session], HttpResponse]) -> Callable[..., HttpResponse]:
        @require_http_methods(["GET", "HEAD", "POST"])
        @page
        @wraps(view)
        def guarded(request: HttpRequest, slug: str) -> HttpResponse:
            try:
                session = session_of(request, slug)
            except errors.NobodyThere:
                return redirect("listening:arrive", slug=slug)
            here = current(session, past_of(session))
            return view(request, session) if here is step else lead(here, slug)

        return guarded

    return for_its_time


def current(session: Session, past: Past) -> Step:
    """The step that comes now; a session that took too long ends with it."""
    now = clock.now()
    if session.active and timed_out(session, now):
        session = leave(session=session, now=now, state=Session.State.TIMED_OUT)
    return step_of(session, past, now)


def lead(step: Step, slug: str) -> HttpResponse:
    return redirect(f"listening:{step}", slug=slug)


def onward(session: Session) -> HttpResponse:
    """To whatever comes next: the trial's address leads on from there."""
    return redirect("listening:trial", slug=session.study.slug)
