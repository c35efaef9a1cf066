"""Judges of studies whose trials are given out by what they teach: trained again when votes have come in."""

from __future__ import annotations

import logging

from listening import claims
from listening.actions.train_judge import train_judge
from listening.models import ListeningTest
from studies.errors import StudyError
from studies.models import Study

log = logging.getLogger(__name__)
MORE = 1.2  # times the votes that the last judge had
AT_LEAST = 10  # further votes


def keep_judges() -> int:
    """How many judges were trained."""
    active = ListeningTest.objects.filter(design=ListeningTest.Design.JUDGE, closed=False)
    studies = Study.objects.filter(listening_test__in=active, status=Study.Status.COMPLETE)
    return sum(_trained(study) for study in studies.select_related("evaluation_scorer") if _has_more(study))


def _has_more(study: Study) -> bool:
    votes = max(claims.given(study.pk, counter) for counter in claims.COUNTERS.values())
    judge = study.judges.first()
    before = judge.measured["votes"] if judge else 0
    return votes >= max(MORE * before, before + AT_LEAST)


def _trained(study: Study) -> bool:
    try:
        train_judge(study=study, by=None, courses=False)
    except StudyError as error:
        log.info("No judge for %s yet: %s", study.slug, error)
        return False
    return True
