"""To use a session's votes, to pay for it: two decisions, each logged with its reasons, each to be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from listening import claims
from listening.models import Decision, Presentation, Session
from listening.quality.evidence import evidence
from listening.quality.rules import Finding, Verdict, verdicts
from studies import clock
from studies.models import Study

About, State = Decision.About, Session.State
OVER = [state for state in State.values if state != State.ACTIVE]


@transaction.atomic
def decide(
    *,
    session: Session,
    about: str,
    value: bool,
    reasons: Sequence[Finding],
    by: User | None = None,
    now: datetime | None = None,
) -> Decision:
    """Writes it down and lets it hold. Votes that are not used give their places free, and take them again when they
    are used again: a trial may then have more than it needs. by: None where the rules decide."""
    session = claims.lock_session(session)
    log = [{"rule": one.rule, "text": one.text} for one in reasons]
    made = Decision.objects.create(session=session, about=about, value=value, reasons=log, by=by, at=now or clock.now())
    if about == About.PAY:
        session.payable = value
        session.save(update_fields=["payable"])
    elif session.used != value:
        session.used = value
        session.save(update_fields=["used"])
        claims.recount(_voted(session))
    return made


def _voted(session: Session) -> list[int]:
    voted = session.presentations.filter(state=Presentation.State.VOTED)
    return list(voted.values_list("trial_id", flat=True))


def apply_rules(*, study: Study, population: str = Session.Population.PEOPLE, now: datetime | None = None) -> int:
    """Decides by the rules about every session that is over; returns how many decisions are new.

    What somebody decided stays, and so does what the rules decided before and would decide again.
    """
    found = {one.measures.session: one for one in verdicts(evidence(study, population))}
    sessions = Session.objects.filter(pk__in=found, state__in=OVER).prefetch_related("decisions").order_by("pk")
    return sum(_decided(session, found[session.pk], now) for session in sessions)


def _decided(session: Session, found: Verdict, now: datetime | None) -> int:
    wanted = {About.USE: (found.use, found.against_use), About.PAY: (found.pay, found.against_pay)}
    new = [about for about, (value, _) in wanted.items() if _is_news(session, about, value)]
    for about in new:
        value, reasons = wanted[about]
        decide(session=session, about=about, value=value, reasons=reasons or (FINE,), now=now)
    return len(new)


FINE = Finding("none", "No rule speaks against it.")


def _is_news(session: Session, about: str, value: bool) -> bool:
    """Sessions are used until something speaks against it; about pay nothing is said before it is decided."""
    mine = [one for one in session.decisions.all() if one.about == about]
    if not mine:
        return about == About.PAY or not value
    return mine[-1].by_id is None and mine[-1].value != value
