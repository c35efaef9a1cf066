"""Before the trials: questions, the headphone check, practice, and where it begins to count."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from listening import qualification
from listening.actions import check_headphones, go_on
from listening.actions.answer_questions import Unanswered, answer_questions
from listening.actions.take_trial import take_trial, total
from listening.errors import ListeningError
from listening.models import HeadphoneCheck, Session
from listening.steps import Step, has_traps, practice_trials
from listening.stimuli.check import INTERVALS, TRIALS
from listening.views.step import at, onward
from studies import clock


@at(Step.QUESTIONS)
def questions(request: HttpRequest, session: Session) -> HttpResponse:
    asked = qualification.shown(session.study.listening_test.qualification)
    given = [request.POST.get(f"answer{number}") for number in range(len(asked))]
    error = None
    if request.method == "POST":
        try:
            answer_questions(session=session, given=given, now=clock.now())
            return onward(session)
        except Unanswered as missing:
            error = missing
    rows = [(question, options, answer) for (question, options), answer in zip(asked, given, strict=True)]
    return _page(request, session, "questions", {"rows": rows}, error)


@at(Step.HEADPHONES)
def headphones(request: HttpRequest, session: Session) -> HttpResponse:
    last = check_headphones.last_check(session)
    failed = last is not None and last.passed is False
    if request.method == "POST" and not failed:
        return _judged(request, session)
    if failed and request.POST.get("again") is None:
        return _page(request, session, "headphones_again", {})
    check = check_headphones.begin_check(session=session, now=clock.now())
    return redirect(request.path) if failed else _check(request, session, check)


def _judged(request: HttpRequest, session: Session) -> HttpResponse:
    given = [_interval(request.POST.get(f"answer{trial}")) for trial in range(1, TRIALS + 1)]
    token = request.POST.get("check", "")
    try:
        check_headphones.answer_check(session=session, token=token, given=given, now=clock.now())
    except check_headphones.Unheard as error:
        return _check(request, session, check_headphones.last_check(session), error)
    return onward(session)


def _interval(text: str | None) -> int | None:
    """As counted from 1 by raters; None for what is no interval."""
    return int(text) - 1 if text in {str(number) for number in range(1, INTERVALS + 1)} else None


def _check(request: HttpRequest, session: Session, check: HeadphoneCheck | None, error=None) -> HttpResponse:
    numbers = {"trials": range(1, TRIALS + 1), "intervals": range(1, INTERVALS + 1)}
    return _page(request, session, "headphones", {"check": check, **numbers}, error)


@at(Step.PRACTICE)
def practice(request: HttpRequest, session: Session) -> HttpResponse:
    """The first trial that is taken is what says that this page was read."""
    if request.method == "POST":
        take_trial(session=session, now=clock.now())
        return onward(session)
    return _page(request, session, "practice", {"count": practice_trials(session)})


@at(Step.COUNTS)
def counts(request: HttpRequest, session: Session) -> HttpResponse:
    if request.method == "POST":
        go_on.end_practice(session=session, now=clock.now())
        return onward(session)
    context = {
        "test": session.study.listening_test,
        "total": total(session),
        "practised": practice_trials(session),
        "traps": has_traps(session),
    }
    return _page(request, session, "counts", context)


def _page(
    request: HttpRequest, session: Session, name: str, context: dict, error: ListeningError | None = None
) -> HttpResponse:
    context = {"session": session, "slug": session.study.slug, "error": error, **context}
    return render(request, f"listening/{name}.html", context, status=error.status if error else 200)
