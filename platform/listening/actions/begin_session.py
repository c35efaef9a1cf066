"""Consent: from here on we know somebody."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Greatest

from accounts.models import ConsentText, Rater
from listening import claims, configuration
from listening.models import Question, Session, Trial
from studies.models import Study

Population = Session.Population


@transaction.atomic
def begin_session(
    *,
    study: Study,
    provider: str,
    external_id: str,
    consent: str,
    consent_version: str = "",
    arrival: dict[str, str],
    now: datetime,
    population: str = Population.PEOPLE,
    language: str = "",
) -> Session:
    """The rater's session in this study; the one that is there, if they consented before (in another tab, say)."""
    simulated = population == Population.SIMULATED
    rater, _ = Rater.objects.get_or_create(
        provider=provider, external_id=external_id, defaults={"simulated": simulated}
    )
    test = configuration.test_of(study)
    session, _ = Session.objects.get_or_create(
        study=study,
        rater=rater,
        defaults={
            "question": neediest_question(study, population),
            "population": population,
            "consent": ConsentText.keep(consent),
            "consent_version": consent_version,
            "language": language,
            "arrival": arrival,
            "reward": test.reward,
            "currency": test.currency,
            "started_at": now,
            "last_seen_at": now,
        },
    )
    return session


def neediest_question(study: Study, population: str) -> Question:
    """One question a session: the one that lacks most votes beyond those that raters at work will give."""
    questions = configuration.questions_of(study)
    return max(questions, key=lambda question: (_lacking(question, population), -question.position))


def _lacking(question: Question, population: str) -> float:
    counter = claims.COUNTERS.get(population, "votes_people")
    open_ = question.trials.filter(Q(kind=Trial.Kind.STUDY), votes_needed__gt=F(counter))
    lacking = open_.aggregate(votes=Sum(Greatest(F("votes_needed") - F(counter), 0)))["votes"] or 0
    at_work = question.sessions.filter(population=population, state=Session.State.ACTIVE).count()
    return lacking - at_work * question.study.trials_per_session
