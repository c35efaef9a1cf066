"""What can be asked of a study's judge: to be trained, and to become a scorer that studies can choose."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts import roles
from accounts.models import User
from listening.actions.train_judge import train_judge
from listening.actions.use_judge import use_judge
from results.access import visible_studies
from studies.errors import StudyError
from studies.models import Study


def may_change(request: HttpRequest, study: Study) -> bool:
    return roles.teams_of(request.user, roles.CHANGE).filter(pk=study.team_id).exists()


def _changed(request: HttpRequest, slug: str) -> Study:
    study = get_object_or_404(visible_studies(request.user), slug=slug)
    if not may_change(request, study):
        raise PermissionDenied
    return study


@login_required
@require_POST
def train(request: HttpRequest, slug: str) -> HttpResponse:
    """On the embeddings of the scorer that judges; of the one that teaches as well, where `both` is sent."""
    study = _changed(request, slug)
    scorers = [study.evaluation_scorer] + ([study.feedback_scorer] if "both" in request.POST else [])
    try:
        judge = train_judge(study=study, by=cast(User, request.user), scorers=list(dict.fromkeys(scorers)))
    except StudyError as error:
        for texts in error.messages.values():
            messages.error(request, " ".join(texts))
    else:
        messages.success(request, f"A judge was trained on {judge.measured['votes']:,} votes.")
    return redirect("results:tab", slug, "judge")


@login_required
@require_POST
def use(request: HttpRequest, slug: str) -> HttpResponse:
    """Its newest judge."""
    study = _changed(request, slug)
    if judge := study.judges.first():
        spec = use_judge(judge=judge, by=cast(User, request.user))
        messages.success(request, f"Studies can now choose {spec.name} as a scorer.")
    else:
        messages.error(request, "No judge has been trained yet.")
    return redirect("results:tab", slug, "judge")
