"""The door: who is coming, and do they agree?"""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Rater
from listening import consent, errors, providers
from listening.actions.begin_session import begin_session
from listening.models import Session
from listening.views.page import open_study, page, rater_of, remember
from studies.models import Study


@require_http_methods(["GET", "HEAD", "POST"])
@page
def arrive(request: HttpRequest, slug: str) -> HttpResponse:
    """GET greets, or leads back to where the rater was. POST is the answer to the consent question."""
    study = open_study(slug)
    if providers.previewing(request.GET):
        return render(request, "listening/preview.html", {"study": study})
    who = _who(request)
    there = Session.objects.filter(
        study=study, rater__provider=who.provider, rater__external_id=who.external_id
    ).select_related("rater")
    if session := there.first():
        return remember(redirect("listening:trial", slug=slug), request, session.rater)
    return _answer(request, study, who) if request.method == "POST" else _ask(request, study)


@require_safe
@page
def declined(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "listening/declined.html", {"slug": slug})


def _who(request: HttpRequest) -> providers.Arrival:
    """Whom the address names; else whoever this browser remembers; else a new volunteer."""
    try:
        named = providers.arrival(request.GET)
    except ValueError as error:
        raise errors.BadLink from error
    known: Rater | None = None if named else rater_of(request)
    if known:
        return providers.Arrival(known.provider, known.external_id, {})
    return named or providers.Arrival(providers.VOLUNTEER, secrets.token_urlsafe(16), {})


def _ask(request: HttpRequest, study: Study) -> HttpResponse:
    words = consent.text(study)
    context = {"study": study, "words": words, "checksum": consent.checksum(words)}
    return render(request, "listening/consent.html", context)


def _answer(request: HttpRequest, study: Study, who: providers.Arrival) -> HttpResponse:
    words = consent.text(study)
    answer = request.POST.get("answer")
    if answer == "decline":
        return redirect("listening:declined", slug=study.slug)
    if answer != "agree" or request.POST.get("checksum") != consent.checksum(words):
        return _ask(request, study)  # No answer, or the words have changed since they were shown: ask again.
    session = begin_session(
        study=study,
        provider=who.provider,
        external_id=who.external_id,
        consent=words,
        consent_version=consent.version(study),
        language=get_language() or "",
        arrival=who.visit,
        now=timezone.now(),
    )
    return remember(redirect("listening:trial", slug=study.slug), request, session.rater)
