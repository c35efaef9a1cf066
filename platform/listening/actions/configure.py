"""A listening test was changed: what raters will meet follows."""

from __future__ import annotations

from django.db import transaction

from listening.actions.open_trials import open_trials
from listening.models import Question, Trial
from studies.models import Study


@transaction.atomic
def configure(*, study: Study) -> int:
    """Brings the trials of a study that can be heard to what its test and questions say now; returns how many are new.

    Trials that nobody has met are made anew where their question asks something else; those that somebody has met
    stay, with as many votes as are wanted now.
    """
    for question in study.listening_questions.select_related("study"):
        _fit(question)
    return open_trials(study=study) if study.status == Study.Status.COMPLETE else 0


def _fit(question: Question) -> None:
    if not question.sessions.exists():
        question.trials.all().delete()
    question.trials.filter(kind=Trial.Kind.STUDY).update(votes_needed=question.votes_needed)
