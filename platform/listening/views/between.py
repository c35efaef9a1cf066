"""Between trials: a break, for whoever wants one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from listening import claims
from listening.actions import go_on
from listening.actions.take_trial import total
from listening.models import Session
from listening.steps import Step
from listening.views.step import at, onward
from studies import clock


@at(Step.BREAK)
def pause(request: HttpRequest, session: Session) -> HttpResponse:
    if request.method == "POST":
        go_on.end_break(session=session)
        return onward(session)
    go_on.offer_break(session=session, now=clock.now())
    done = {"done": claims.votes_of(session), "total": total(session)}
    return render(request, "listening/break.html", {"slug": session.study.slug, **done})
