"""Every study has a listening test, and asks one question unless somebody has chosen others."""

from __future__ import annotations

from listening.models import ListeningTest, Question
from studies.models import Study


def test_of(study: Study) -> ListeningTest:
    return ListeningTest.objects.get_or_create(study=study)[0]


def questions_of(study: Study) -> list[Question]:
    """In their order; a preference where none was chosen."""
    return list(study.listening_questions.all()) or [Question.objects.create(study=study)]
