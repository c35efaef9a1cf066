"""Which page comes now: what is before the trials, a trial, a break, the end.

Nothing of it is kept but what was answered, so that a refresh, the back button and a second tab all lead to the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Q, QuerySet

from listening import claims, rules
from listening.actions.take_trial import progress
from listening.models import HeadphoneCheck, ListeningTest, Session, Trial


class Step(StrEnum):
    """Each is the name of its page's address."""

    QUESTIONS = "questions"
    HEADPHONES = "headphones"
    PRACTICE = "practice"
    COUNTS = "counts"
    BREAK = "break"
    TRIAL = "trial"
    END = "end"


@dataclass(frozen=True)
class Behind:
    """What a session has behind it: trials presented, practice answered, votes given after practice."""

    begun: int
    practice: int
    votes: int


def step_of(session: Session, now: datetime) -> Step:
    """The session with its study's listening test and its question at hand."""
    if not session.active:
        return Step.END
    behind = _behind(session)
    return _before(session, behind, now) or _practising(session, behind) or _between(session, behind)


def _behind(session: Session) -> Behind:
    given, practice = Q(state__in=claims.GIVEN), Q(trial__kind=Trial.Kind.PRACTICE)
    counts = {"practice": Count("pk", filter=given & practice), "votes": Count("pk", filter=given & ~practice)}
    return Behind(**session.presentations.aggregate(begun=Count("pk"), **counts))


def _before(session: Session, behind: Behind, now: datetime) -> Step | None:
    """Asked before the first sound and never again: nobody who is at work is screened out."""
    if behind.begun:
        return None
    if session.study.listening_test.qualification and session.qualification is None:
        return Step.QUESTIONS
    return Step.HEADPHONES if needs_headphones(session, now) else None


def needs_headphones(session: Session, now: datetime) -> bool:
    """Unless this rater has passed a check lately, in any study."""
    if session.study.listening_test.headphones == ListeningTest.Headphones.NONE:
        return False
    since = now - timedelta(hours=rules.value("HEADPHONES_HOURS"))
    return not HeadphoneCheck.objects.filter(rater=session.rater_id, passed=True, answered_at__gt=since).exists()


def _practising(session: Session, behind: Behind) -> Step | None:
    if session.practised_at or behind.votes:
        return None
    wanted = practice_trials(session)
    if behind.practice < wanted:
        return Step.TRIAL if behind.begun else Step.PRACTICE
    # Whoever will hear a spoken instruction was told so before, also without practice.
    return Step.COUNTS if wanted or has_traps(session) else None


def practice_trials(session: Session) -> int:
    """That there are for this session."""
    asked = session.study.listening_test.practice_trials
    return min(asked, _of(session, Trial.Kind.PRACTICE).count()) if asked else 0


def has_traps(session: Session) -> bool:
    """Clips may be too short for a voice."""
    return bool(session.study.listening_test.traps_per_ten) and _of(session, Trial.Kind.TRAP).exists()


def _of(session: Session, kind: str) -> QuerySet[Trial]:
    return session.question.trials.filter(kind=kind)


def _between(session: Session, behind: Behind) -> Step:
    every = session.study.listening_test.break_every
    if not every or behind.votes // every <= session.breaks:
        return Step.TRIAL
    answered, total = progress(session)
    return Step.BREAK if answered < total else Step.TRIAL
