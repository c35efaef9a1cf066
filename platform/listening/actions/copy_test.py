"""A study was duplicated: its listening test and its questions come along, without anybody's answers."""

from __future__ import annotations

from django.db import transaction

from listening.configuration import test_of
from listening.models import ListeningTest, Question
from studies.models import Study

NOT_COPIED = ("id", "study", "closed")


@transaction.atomic
def copy_test(*, study: Study, original: Study) -> ListeningTest:
    """Gives `study` the listening test and the questions of `original`."""
    test, model = test_of(study), test_of(original)
    for field in ListeningTest._meta.fields:
        if field.name not in NOT_COPIED:
            setattr(test, field.attname, getattr(model, field.attname))
    test.save()
    for related in ListeningTest._meta.many_to_many:
        getattr(test, related.name).set(getattr(model, related.name).all())
    if questions := list(original.listening_questions.all()):
        study.listening_questions.all().delete()
        for question in questions:
            question.pk, question._state.adding, question.study = None, True, study
        Question.objects.bulk_create(questions)
    return test
