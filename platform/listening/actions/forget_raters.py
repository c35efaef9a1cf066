"""Retention: after a study's days nothing of an ended session points to the person any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Rater, RaterAccount
from listening.actions.erase import NAMELESS, anonymise, forget, held
from listening.models import ListeningTest, Session

FOR_EVER = 36_500  # days; more than that is kept


def forget_raters(*, now: datetime) -> tuple[int, int]:
    """Clears what is over and returns how many sessions, and how many people nothing is known of any more.

    A person's identity goes when none of their sessions is younger; an account that they still have stays, without
    these sessions. A transaction a rater: stopped half-way, it goes on where it was. Run again, it changes nothing.
    """
    raters = expired(now).exclude(completion_code=NAMELESS).order_by("rater").values_list("rater", flat=True).distinct()
    cleared = [_forget(Rater.objects.get(pk=pk), now) for pk in raters]
    return sum(sessions for sessions, _gone in cleared), sum(gone for _sessions, gone in cleared)


def expired(now: datetime) -> QuerySet[Session]:
    """Sessions of people that ended, or were abandoned, longer ago than their study keeps them."""
    tests = ListeningTest.objects.filter(retention_days__lte=FOR_EVER)
    over = Q(pk__in=[])
    for days in {test.retention_days or 0 for test in tests}:
        over |= Q(study__listening_test__retention_days=days, ended__lt=now - timedelta(days=days))
    sessions = Session.objects.filter(rater__simulated=False).exclude(rater__provider=NAMELESS)
    return sessions.annotate(ended=Coalesce("finished_at", "last_seen_at")).filter(over)


@transaction.atomic
def _forget(rater: Rater, now: datetime) -> tuple[int, bool]:
    """How many sessions were cleared, and whether nothing of the person is left with them."""
    sessions = held(rater)
    over = list(expired(now).filter(rater=rater))
    news = [session for session in over if session.completion_code != NAMELESS]
    if len(over) < len(sessions):
        forget(news)
        return len(news), False
    anonymise(rater, over)
    if not RaterAccount.objects.filter(rater=rater).exists():
        rater.delete()
    return len(news), True
