"""What is still missing: trials that lack usable votes, and how many raters would fill them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.db.models import F

from listening import claims, configuration
from listening.models import Question, Session, Trial
from studies.models import Study


@dataclass(frozen=True)
class Missing:
    """One question's trials. votes: that they lack, or fewer where the study wants no more in all. raters: sessions
    that would give them; nobody meets a trial twice, so to fill all never fewer than the emptiest trial lacks votes."""

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
    left = _left(study, counter)
    return [_missing(study, question, trials, left) for question, trials in by_question.items() if left > 0]


def _left(study: Study, counter: str) -> float:
    """Votes until the study has as many as it wants in all."""
    wanted = configuration.test_of(study).votes_wanted
    return math.inf if wanted is None else wanted - claims.given(study.pk, counter)


def _missing(study: Study, question: Question, trials: list[Trial], left: float) -> Missing:
    lacks = [trial.lack for trial in trials]  # type: ignore[attr-defined]
    votes = int(min(sum(lacks), left))
    raters = math.ceil(votes / study.trials_per_session)
    return Missing(question, trials, votes, raters if votes < sum(lacks) else max(raters, *lacks))
