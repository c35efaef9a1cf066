"""A study with its test and questions, read once in some seconds: every request of every rater needs them."""

from __future__ import annotations

import threading
import time
from collections import Counter

from cachetools import LRUCache, cached
from django.db.models import Count

from listening import rules
from listening.models import Question, Trial
from studies.models import Study

_lock = threading.Lock()


def heard(slug: str) -> tuple[Study, dict[int, Question]] | None:
    """The complete study of that address and its questions by their keys, a few seconds old at most."""
    when = _now()
    return _heard(slug, when) if when else _read(slug)


def pools(question: int) -> Counter[str]:
    """How many trials of each kind the question of that key has, a few seconds old at most."""
    when = _now()
    return _pools(question, when) if when else _counted(question)


def _now() -> int:
    """Which of the short times it is; 0 where nothing is remembered."""
    seconds = rules.value("REMEMBER_SECONDS")
    return int(time.monotonic() / seconds) + 1 if seconds else 0


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


@cached(LRUCache(1024), lock=_lock)
def _pools(question: int, when: int) -> Counter[str]:
    return _counted(question)


def _counted(question: int) -> Counter[str]:
    kinds = Trial.objects.filter(question=question).order_by().values_list("kind").annotate(Count("pk"))
    return Counter(dict(kinds))
