"""What every rater's page shares: who is there, what goes wrong, what the browser may do."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from accounts.models import Rater
from listening import errors, remembered
from listening.models import Session
from listening.panel.signed_in import language_of
from studies.models import Study

COOKIE, SALT, YEAR = "rater", "listening.rater", 365 * 24 * 3600
# Own scripts and styles from files, sound from memory, nothing else from anywhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src blob:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Errors become pages; nothing is cached, so that the back button asks again; the browser gets the policy."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs) -> HttpResponse:
        with translation.override(language_of(request) or translation.get_language()):
            response = _answered(view, request, kwargs)
        add_never_cache_headers(response)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return guarded


def _answered(view: Callable[..., HttpResponse], request: HttpRequest, kwargs: dict) -> HttpResponse:
    try:
        return view(request, **kwargs)
    except errors.ListeningError as error:
        context = {"error": error, "slug": kwargs.get("slug")}
        return render(request, "listening/problem.html", context, status=error.status)


def open_study(slug: str) -> Study:
    """The study whose trials can be heard. Raises NoSuchTest, NotOpen, or Closed."""
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        raise errors.NoSuchTest
    if study.status == Study.Status.CANCELLED:
        raise errors.Closed
    if study.status != Study.Status.COMPLETE or not study.trials.exists():
        raise errors.NotOpen
    return study


def rater_id(request: HttpRequest) -> int:
    """The key of whoever consented in this browser before, which nobody else can sign; 0 where nobody did."""
    known = request.get_signed_cookie(COOKIE, default="", salt=SALT)
    return int(known) if known else 0


def rater_of(request: HttpRequest) -> Rater | None:
    """Whoever consented in this browser before."""
    return Rater.objects.filter(pk=rater_id(request)).first()


def remember(response: HttpResponse, request: HttpRequest, rater: Rater) -> HttpResponse:
    response.set_signed_cookie(
        COOKIE, str(rater.pk), salt=SALT, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return response


def session_of(request: HttpRequest, slug: str) -> Session:
    """The session of this browser's rater in this study. Raises NobodyThere, or as open_study does."""
    study, questions = remembered.heard(slug) or (open_study(slug), {})
    session = Session.objects.filter(study=study, rater_id=rater_id(request)).first()
    if session is None:
        open_study(slug)
        raise errors.NobodyThere
    session.study = study
    if session.question_id in questions:
        session.question = questions[session.question_id]
    if session.population == Session.Population.PREVIEW:
        request.preview = session  # type: ignore[attr-defined]  # every page says so at its top
    return session
