"""The end: complete, left early, screened out, given back, timed out. Each has a code of its own."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from listening import claims, providers
from listening.models import Presentation, Session


@transaction.atomic
def leave(*, session: Session, now: datetime, state: str = Session.State.LEFT) -> Session:
    """Ends an active session early, as `state`; an ended one stays as it ended. Open claims go back."""
    session = claims.lock_session(session)
    if session.active:
        end(session, state, now)
    return session


def end(session: Session, state: str, now: datetime) -> None:
    """Inside a transaction that holds the session."""
    session.presentations.filter(state=Presentation.State.CLAIMED).update(state=Presentation.State.RELEASED)
    session.state = state
    session.finished_at = session.last_seen_at = now
    session.completion_code = providers.code(session, state)
    session.save(update_fields=["state", "finished_at", "last_seen_at", "completion_code"])
