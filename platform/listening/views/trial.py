"""Trials, votes and the end."""

from __future__ import annotations

import math

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from listening import claims, errors, providers, rules
from listening.actions import end_session, record_listening, take_trial
from listening.actions import vote as voting
from listening.models import Presentation, Session
from listening.question import PREFERENCE
from listening.views.page import page, session_of


@require_GET
@page
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """The next trial, or the one that is open."""
    try:
        session = session_of(request, slug)
    except errors.NobodyThere:
        return redirect("listening:arrive", slug=slug)
    presentation = take_trial.take_trial(session=session, now=timezone.now())
    if presentation is not None:
        return _trial(request, session, presentation)
    session.refresh_from_db()
    if not session.active:
        return redirect("listening:end", slug=slug)
    return render(request, "listening/nothing_left.html", {"slug": slug})


@require_POST
@page
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    session = session_of(request, slug)
    token = request.POST.get("pair", "")
    try:
        voting.vote(
            session=session,
            token=token,
            choice=request.POST.get("choice", ""),
            response_ms=_whole(request.POST.get("response_ms", "")),
            played=_played(request),
            now=timezone.now(),
        )
    except errors.NotHeard as error:
        return _trial(request, session, session.presentations.get(token=token), error)
    return redirect("listening:trial", slug=slug)


@require_POST
@page
def heard(request: HttpRequest, slug: str) -> HttpResponse:
    """The player's beacon. Answers 204 whether or not it was news."""
    session = session_of(request, slug)
    presentation = claims.presentation_of(session, request.POST.get("pair", ""))
    record_listening.record_heard(presentation=presentation, played=_played(request), now=timezone.now())
    return HttpResponse(status=204)


@require_POST
@page
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    end_session.leave(session=session_of(request, slug), now=timezone.now())
    return redirect("listening:end", slug=slug)


@require_safe
@page
def end(request: HttpRequest, slug: str) -> HttpResponse:
    session = session_of(request, slug)
    if session.active:
        raise errors.StillWaiting
    context = {"session": session, "completion_url": providers.completion_url(session)}
    return render(request, "listening/end.html", context)


def _trial(request: HttpRequest, session: Session, presentation: Presentation, error=None) -> HttpResponse:
    done, total = take_trial.progress(session)
    context = {
        "slug": session.study.slug,
        "question": PREFERENCE,
        "prompt": presentation.trial.prompt.text,
        "pair": presentation.token,
        "sides": [
            ("a", "A", reverse("listening:audio", args=[presentation.a_token]), presentation.a_heard),
            ("b", "B", reverse("listening:audio", args=[presentation.b_token]), presentation.b_heard),
        ],
        "number": done + 1,
        "done": done,
        "total": max(total, done + 1),
        "enough": rules.value("HEARD_SECONDS"),
        "tolerance": rules.value("HEARD_TOLERANCE"),
        "error": error,
    }
    return render(request, "listening/trial.html", context, status=error.status if error else 200)


def _played(request: HttpRequest) -> dict[str, float]:
    return {side: _seconds(request.POST.get(f"heard_{side}", "")) for side in ("a", "b")}


def _seconds(text: str) -> float:
    """What cannot be a time is none."""
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
