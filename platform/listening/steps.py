"""Which page comes now: what is before the trials, a trial, a break, the end.

Nothing of it is kept but what was answered, so that a refresh, the back button and a second tab all lead to the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from listening import remembered, rules
from listening.actions.take_trial import total
from listening.models import HeadphoneCheck, ListeningTest, Session, Trial
from listening.past import Past


class Step(StrEnum):
    """Each is the name of its page's address."""

    QUESTIONS = "questions"
    HEADPHONES = "headphones"
    PRACTICE = "practice"
    COUNTS = "counts"
    BREAK = "break"
    TRIAL = "trial"
    END = "end"


def step_of(session: Session, past: Past, now: datetime) -> Step:
    """The session with its study's listening test and its question at hand."""
    if not session.active:
        return Step.END
    return _before(session, past, now) or _practising(session, past) or _between(session, past)


def _before(session: Session, past: Past, now: datetime) -> Step | None:
    """Asked before the first sound and never again: nobody who is at work is screened out."""
    if past.begun:
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


def _practising(session: Session, past: Past) -> Step | None:
    if session.practised_at or past.votes:
        return None
    wanted = practice_trials(session)
    if past.practice < wanted:
        return Step.TRIAL if past.begun else Step.PRACTICE
    # Whoever will hear a spoken instruction was told so before, also without practice.
    return Step.COUNTS if wanted or has_traps(session) else None


def practice_trials(session: Session) -> int:
    """That there are for this session."""
    return min(session.study.listening_test.practice_trials, remembered.pools(session.question_id)[Trial.Kind.PRACTICE])


def has_traps(session: Session) -> bool:
    """Clips may be too short for a voice."""
    return bool(session.study.listening_test.traps_per_ten and remembered.pools(session.question_id)[Trial.Kind.TRAP])


def _between(session: Session, past: Past) -> Step:
    every = session.study.listening_test.break_every
    if not every or past.votes // every <= session.breaks:
        return Step.TRIAL
    return Step.BREAK if past.votes < total(session) else Step.TRIAL
