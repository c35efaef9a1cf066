"""From one part of a session to the next: practice is over, a break is offered, a break is over."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from listening import claims
from listening.actions.take_trial import lease
from listening.models import Presentation, Session


def end_practice(*, session: Session, now: datetime) -> None:
    Session.objects.filter(pk=session.pk, practised_at=None).update(practised_at=now)


@transaction.atomic
def offer_break(*, session: Session, now: datetime) -> None:
    """What was fetched ahead stays with the rater through the break: its lease begins anew."""
    session = claims.lock_session(session)
    mine = session.presentations.filter(state=Presentation.State.CLAIMED, leased_until__gt=now)
    mine.update(leased_until=now + lease(session))


@transaction.atomic
def end_break(*, session: Session) -> None:
    """However often it is pressed, and however late, no break is counted twice."""
    session = claims.lock_session(session)
    every = session.study.listening_test.break_every
    if every:
        session.breaks = max(session.breaks, claims.votes_of(session) // every)
        session.save(update_fields=["breaks"])
