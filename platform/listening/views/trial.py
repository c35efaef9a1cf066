"""Trials, votes and the end."""

from __future__ import annotations

import math

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from listening import errors, screen
from listening.actions import end_session, record_listening, take_trial
from listening.actions import vote as voting
from listening.errors import ListeningError
from listening.models import LETTERS, Presentation, Session
from listening.past import Past, past_of
from listening.steps import Step, practice_trials
from listening.views.page import page, session_of
from listening.views.step import current, lead
from studies import clock


@require_GET
@page
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """The next trial, or the one that is open; or what comes before it."""
    try:
        session = session_of(request, slug)
    except errors.NobodyThere:
        return redirect("listening:arrive", slug=slug)
    past = past_of(session)
    if (step := current(session, past)) is not Step.TRIAL:
        return lead(step, slug)
    presentation = take_trial.take_trial(session=session, now=clock.now())
    if presentation is not None:
        return _trial(request, session, presentation, past)
    session.refresh_from_db()
    if not session.active:
        return redirect("listening:end", slug=slug)
    return render(request, "listening/nothing_left.html", {"slug": slug})


@require_POST
@page
def ahead(request: HttpRequest, slug: str) -> HttpResponse:
    """The sounds of the trial after this one, to be fetched while this one is heard; none where nothing follows."""
    shown = take_trial.take_ahead(session=session_of(request, slug), now=clock.now())
    return JsonResponse({"sounds": [player.audio for player in screen.players(shown)] if shown else []})


@require_POST
@page
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    session = session_of(request, slug)
    token = request.POST.get("pair", "")
    try:
        voting.vote(
            session=session,
            token=token,
            given=request.POST,
            response_ms=_whole(request.POST.get("response_ms", "")),
            played=_played(request),
            now=clock.now(),
        )
    except (errors.NotHeard, errors.TooSoon) as error:
        refused = session.presentations.get(token=token)
        return _trial(request, session, refused, past_of(session), error)
    return redirect("listening:trial", slug=slug)


@require_POST
@page
def heard(request: HttpRequest, slug: str) -> HttpResponse:
    """The player's beacon. Answers 204 whether or not it was news."""
    session = session_of(request, slug)
    token, played = request.POST.get("pair", ""), _played(request)
    record_listening.record_heard(session=session, token=token, played=played, now=clock.now())
    return HttpResponse(status=204)


@require_POST
@page
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    end_session.leave(session=session_of(request, slug), now=clock.now())
    return redirect("listening:end", slug=slug)


def _trial(
    request: HttpRequest, session: Session, presentation: Presentation, past: Past, error: ListeningError | None = None
) -> HttpResponse:
    presentation.session = session
    players, total = screen.players(presentation), take_trial.total(session)
    context = {
        **screen.screen(session.question, players, presentation.trial.prompt.text),
        **screen.place(presentation, past, len(players), practice_trials(session), total),
        **screen.addresses(session.study.slug),
        "slug": session.study.slug,
        "pair": presentation.token,
        "error": error,
    }
    return render(request, "listening/trial.html", context, status=error.status if error else 200)


def _played(request: HttpRequest) -> dict[str, float]:
    return {letter: _seconds(request.POST.get(f"heard_{letter}", "")) for letter in LETTERS}


def _seconds(text: str) -> float:
    """What cannot be a time is none."""
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
