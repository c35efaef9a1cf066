"""Sessions that took longer than their test allows, of raters who did not come back to be told."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Value

from listening.actions.end_session import leave
from listening.models import Session

State = Session.State


def time_out_sessions(*, now: datetime) -> int:
    """Ends them and returns how many. A transaction each: stopped half-way, the next run goes on."""
    minutes = F("study__listening_test__session_minutes")
    allowed = ExpressionWrapper(minutes * Value(timedelta(minutes=1)), output_field=DurationField())
    until = ExpressionWrapper(F("started_at") + allowed, output_field=DateTimeField())
    over = Session.objects.filter(state=State.ACTIVE).annotate(until=until).filter(until__lt=now).order_by("pk")
    ended = [leave(session=session, now=now, state=State.TIMED_OUT) for session in over]
    return sum(session.state == State.TIMED_OUT for session in ended)
