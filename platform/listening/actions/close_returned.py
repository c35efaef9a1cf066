"""Work that was given back to a platform, or timed out there: its raters' sessions end, their claims come back."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from listening.actions.end_session import leave
from listening.models import Provider, Session
from listening.submissions import Submission, normal
from studies.models import Study

logger = logging.getLogger(__name__)

State = Session.State
CLOSED = "closed"
KEPT = "not returned: nothing to do"
AGAIN = "returned, but another line says that they took it up again: left open"
NOBODY = "returned; never began here"
COMPLETE = "returned, but complete here: nothing was changed, decide about pay and use"
ENDED = "returned; had ended before"


@dataclass(frozen=True)
class Line:
    submission: Submission
    outcome: str


@transaction.atomic
def close_returned(
    *, study: Study, provider: Provider, rows: Sequence[Submission], by: User | None, now: datetime
) -> list[Line]:
    """Ends active sessions whose status the provider calls returned, all or none; says of each line what became of it.

    A complete session stays as it is: whether it is paid and used is decided elsewhere.
    """
    returned = {normal(status) for status in provider.returned_statuses}
    at_work = {row.participant for row in rows if normal(row.status) not in returned}
    sessions = _sessions(study, provider, {row.participant for row in rows} - at_work)
    outcome = {name: _close(session, now) for name, session in sessions.items()}
    lines = [Line(row, _of(row, returned, at_work, outcome)) for row in rows]
    closed = sum(line.outcome == CLOSED for line in lines)
    whose = f"user {by.pk}" if by else "a command"
    logger.info("Study %s: %s returned sessions of %s closed by %s.", study.slug, closed, provider.key, whose)
    return lines


def _sessions(study: Study, provider: Provider, names: set[str]) -> dict[str, Session]:
    """In the order of their ids, so that two runs never wait for each other in a circle."""
    found = study.rater_sessions.filter(rater__provider=provider.key, rater__external_id__in=names)
    return {session.rater.external_id: session for session in found.select_related("rater").order_by("pk")}


def _close(session: Session, now: datetime) -> str:
    was_active = session.active
    session = leave(session=session, now=now, state=State.RETURNED)
    if session.state == State.COMPLETE:
        return COMPLETE
    return CLOSED if was_active and session.state == State.RETURNED else ENDED


def _of(row: Submission, returned: set[str], at_work: set[str], outcome: dict[str, str]) -> str:
    if normal(row.status) not in returned:
        return KEPT
    return AGAIN if row.participant in at_work else outcome.get(row.participant, NOBODY)
