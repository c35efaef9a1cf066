"""A study with its test and questions, read once in some seconds: every request of every rater needs them."""

from __future__ import annotations

import threading
import time

from cachetools import LRUCache, cached

from listening import rules
from listening.models import Question
from studies.models import Study

_lock = threading.Lock()


def heard(slug: str) -> tuple[Study, dict[int, Question]] | None:
    """The complete study of that address and its questions by their keys, a few seconds old at most."""
    seconds = rules.value("REMEMBER_SECONDS")
    return _heard(slug, int(time.monotonic() / seconds)) if seconds else _read(slug)


@cached(LRUCache(256), lock=_lock)
def _heard(slug: str, when: int) -> tuple[Study, dict[int, Question]] | None:
    return _read(slug)


def _read(slug: str) -> tuple[Study, dict[int, Question]] | None:
    complete = Study.objects.filter(slug=slug, status=Study.Status.COMPLETE)
    study = complete.select_related("listening_test").first()
    if study is None:
        return None
    questions = {question.pk: question for question in study.listening_questions.all()}
    for question in questions.values():
        question.study = study
    return study, questions
