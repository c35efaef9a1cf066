"""The door: who is coming, and do they agree?"""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Rater
from listening import configuration, consent, door, errors, providers
from listening.actions.begin_session import begin_session
from listening.models import ListeningTest, Session
from listening.providers import Arrival
from listening.views.page import open_study, page, rater_of, remember
from studies import clock
from studies.models import Study


@require_http_methods(["GET", "HEAD", "POST"])
@page
def arrive(request: HttpRequest, slug: str) -> HttpResponse:
    """GET greets, or leads back to where the rater was. POST is the answer to the consent question."""
    study = open_study(slug)
    if providers.previewing(request.GET):
        return render(request, "listening/preview.html", {"study": study})
    test, named, known = configuration.test_of(study), _named(request), rater_of(request)
    if session := _begun(study, named, known):
        return remember(redirect("listening:trial", slug=slug), request, session.rater)
    who = _who(test, named, known)
    if named is None and door.asks_to_sign_in(test, who):
        return redirect("panel:sign_in")
    if refusal := door.refusal(test, who, get_language() or ""):
        raise refusal
    return _answer(request, study, who) if request.method == "POST" else _ask(request, study)


@require_safe
@page
def declined(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "listening/declined.html", {"slug": slug})


def _named(request: HttpRequest) -> Arrival | None:
    try:
        return providers.arrival(request.GET)
    except ValueError as error:
        raise errors.BadLink from error


def _begun(study: Study, named: Arrival | None, known: Rater | None) -> Session | None:
    """The session of whom the address names; where it names nobody, of whom this browser remembers."""
    sessions = Session.objects.filter(study=study).select_related("rater")
    if named:
        return sessions.filter(rater__provider=named.provider, rater__external_id=named.external_id).first()
    return sessions.filter(rater=known).first() if known else None


def _who(test: ListeningTest, named: Arrival | None, known: Rater | None) -> Arrival:
    """Whom the address names; else whoever this browser remembers, if the test takes them; else a new volunteer."""
    if named is None and known and providers.accepted(test, known.provider):
        return Arrival(known.provider, known.external_id, {})
    return named or Arrival(providers.VOLUNTEER, secrets.token_urlsafe(16), {})


def _ask(request: HttpRequest, study: Study) -> HttpResponse:
    words = consent.text(study)
    test = configuration.test_of(study)
    context = {"test": test, "words": words, "checksum": consent.checksum(words), "facts": consent.facts(study)}
    return render(request, "listening/consent.html", context)


def _answer(request: HttpRequest, study: Study, who: Arrival) -> HttpResponse:
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
        now=clock.now(),
    )
    return remember(redirect("listening:trial", slug=study.slug), request, session.rater)
