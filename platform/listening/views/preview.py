"""The test as raters see it, for the study's own team: nothing of it counts."""

from __future__ import annotations

import math
from types import SimpleNamespace

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.roles import teams_of
from listening import configuration, consent, errors, screen, sounds
from listening.actions.open_trials import listening_pairs, screens
from listening.actions.preview_session import begin_preview, end_preview, preview_of
from listening.models import LETTERS, Question
from listening.stimuli import example
from listening.views.audio import sent
from listening.views.page import page, remember
from studies import clock
from studies.evaluated import main_prompts
from studies.models import Study

FEWEST = {Question.Kind.PREFERENCE: 2, Question.Kind.CMOS: 2, Question.Kind.MUSHRA: 4, Question.Kind.BEST_WORST: 4}


@require_http_methods(["GET", "HEAD", "POST"])
@page
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """GET goes on where this researcher was, or begins as a rater does. POST answers the consent, or starts over."""
    user = request.user
    if not isinstance(user, User):
        return redirect_to_login(request.get_full_path())
    study = _study_of(user, slug)
    if study.status != Study.Status.COMPLETE or not study.trials.exists():
        return _example(request, study)
    return _answered(request, study, user) if request.method == "POST" else _begun(request, study, user)


@require_safe
def example_sound(request: HttpRequest, letter: str) -> HttpResponse:
    data = sounds.encode(example.example(letter), example.RATE)
    return sent(request, data, lambda start, stop: iter([data[start:stop]]))


def _study_of(user: User, slug: str) -> Study:
    """For everybody but its team the study does not exist."""
    study = Study.objects.filter(slug=slug, team__in=teams_of(user)).first()
    if study is None:
        raise errors.NoSuchTest
    return study


def _question(request: HttpRequest, study: Study) -> Question:
    """The one that the address names by its position; else the first."""
    questions = configuration.questions_of(study)
    return next((one for one in questions if str(one.position) == request.GET.get("question")), questions[0])


def _begun(request: HttpRequest, study: Study, user: User) -> HttpResponse:
    session, question = preview_of(study, user), _question(request, study)
    if session and ("question" not in request.GET or session.question == question):
        return remember(redirect("listening:trial", slug=study.slug), request, session.rater)
    _mark(request, study, question)
    words = consent.text(study)
    context = {"words": words, "checksum": consent.checksum(words), "facts": consent.facts(study)}
    return render(request, "listening/consent.html", {"test": configuration.test_of(study), **context})


def _answered(request: HttpRequest, study: Study, user: User) -> HttpResponse:
    if "restart" in request.POST:
        end_preview(study=study, user=user)
        return redirect(request.get_full_path())
    if request.POST.get("answer") == "decline":
        return redirect("listening:declined", slug=study.slug)
    session = begin_preview(
        study=study,
        user=user,
        question=_question(request, study),
        language=get_language() or "",
        now=clock.now(),
    )
    return remember(redirect("listening:trial", slug=study.slug), request, session.rater)


def _example(request: HttpRequest, study: Study) -> HttpResponse:
    """A trial's page with sounds of the product's own. What is posted is forgotten."""
    if request.method == "POST":
        return redirect(request.get_full_path())
    question = _question(request, study)
    _mark(request, study, question, example=True)
    letters = LETTERS[: _clips(study, question)]
    shown = [screen.Player(one, reverse("listening:example_sound", args=[one])) for one in letters]
    prompt = main_prompts(study).first()
    here = request.get_full_path()
    total = study.trials_per_session
    each = len(shown) * study.seconds + screen.SECONDS_TO_DECIDE
    context = {
        **screen.screen(question, shown, prompt.text if prompt else "…"),
        "number": 1, "done": 0, "total": total, "minutes_left": math.ceil(total * each / 60),
        "vote_url": here, "next_url": here,
        "slug": study.slug, "pair": "example",
    }  # fmt: skip
    return render(request, "listening/trial.html", context)


def _clips(study: Study, question: Question) -> int:
    """On one screen, with the arms that the study has by now."""
    there = screens(question, listening_pairs(study))
    return len(there[0]) if there else FEWEST.get(Question.Kind(question.kind), 1)


def _mark(request: HttpRequest, study: Study, question: Question, example: bool = False) -> None:
    """What the ribbon at the top says; pages of a real preview session find it with the session."""
    request.preview = SimpleNamespace(study=study, question=question, example=example)  # type: ignore[attr-defined]
