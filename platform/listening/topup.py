"""What is still missing: trials that lack usable votes, and how many raters would fill them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.db.models import F

from listening import claims
from listening.models import Question, Session, Trial
from studies.models import Study


@dataclass(frozen=True)
class Missing:
    """One question's trials. raters: sessions that would fill them; nobody meets a trial twice, so never fewer than
    the emptiest trial lacks votes."""

    question: Question
    trials: list[Trial]
    votes: int
    raters: int


def missing(study: Study, population: str = Session.Population.PEOPLE) -> list[Missing]:
    """By question; questions that lack nothing are left out."""
    counter = claims.COUNTERS[population]
    lacking = (
        Trial.objects.filter(study=study, kind=Trial.Kind.STUDY, votes_needed__gt=F(counter))
        .annotate(lack=F("votes_needed") - F(counter))
        .select_related("prompt", "question")
        .order_by("question__position", "-lack", "pk")
    )
    by_question: dict[Question, list[Trial]] = {}
    for trial in lacking:
        by_question.setdefault(trial.question, []).append(trial)
    return [_missing(study, question, trials) for question, trials in by_question.items()]


def _missing(study: Study, question: Question, trials: list[Trial]) -> Missing:
    lacks = [trial.lack for trial in trials]  # type: ignore[attr-defined]
    raters = max(math.ceil(sum(lacks) / study.trials_per_session), max(lacks))
    return Missing(question, trials, sum(lacks), raters)
