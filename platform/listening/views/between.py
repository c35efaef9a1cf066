"""Between trials: a break, for whoever wants one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from listening.actions import go_on
from listening.actions.take_trial import progress
from listening.models import Session
from listening.steps import Step
from listening.views.step import at, onward


@at(Step.BREAK)
def pause(request: HttpRequest, session: Session) -> HttpResponse:
    if request.method == "POST":
        go_on.end_break(session=session)
        return onward(session)
    go_on.offer_break(session=session, now=timezone.now())
    done, total = progress(session)
    return render(request, "listening/break.html", {"slug": session.study.slug, "done": done, "total": total})
