"""The vote."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from listening import claims, errors, hearing, rules
from listening.actions.end_session import end
from listening.actions.record_listening import credit
from listening.models import Presentation, Session, Vote

State = Presentation.State


def vote(
    *,
    session: Session,
    token: str,
    choice: str,
    response_ms: int,
    played: dict[str, float],
    now: datetime,
) -> Vote:
    """Stores the vote and, with the last one, completes the session.

    A vote on a claim whose lease ran out is as good as any while the trial has room. When others have filled the
    trial meanwhile, it is kept as surplus: it counts for the rater, not for the study.

    Raises ListeningError: unknown or somebody else's pair, a second vote, an ended session, no such answer, or
    NotHeard. What was played by then is kept in any case.
    """
    with transaction.atomic():
        session = claims.lock_session(session)
        mine = _locked(session, token)
        _refuse(session, mine, choice)
        credit(mine, played, now)
        mine.save(update_fields=["a_heard", "b_heard"])
        unheard = _unheard(mine)
        stored = None if unheard else _store(session, mine, choice, response_ms, now)
    # Raised after the commit: what was heard so far is not lost with the refusal.
    if stored is None:
        raise errors.NotHeard(unheard)
    return stored


def _locked(session: Session, token: str) -> Presentation:
    """Held, because beacons write to this row without the session's lock."""
    found = claims.presentation_of(session, token)
    related = ("trial__first_clip", "trial__second_clip", "trial__first_arm", "trial__second_arm")
    held = Presentation.objects.select_for_update(of=("self",), no_key=True).select_related(*related)
    return held.get(pk=found.pk)


def _refuse(session: Session, mine: Presentation, choice: str) -> None:
    if mine.state in claims.GIVEN:
        raise errors.AlreadyVoted
    if not session.active:
        raise errors.SessionEnded
    if choice not in Vote.Choice.values or (choice == Vote.Choice.TIE and not rules.value("TIES")):
        raise errors.BadChoice


def _unheard(mine: Presentation) -> list[str]:
    enough, tolerance = rules.value("HEARD_SECONDS"), rules.value("HEARD_TOLERANCE")
    return [
        side
        for side, served, played in (("a", mine.a_served, mine.a_heard), ("b", mine.b_served, mine.b_heard))
        if not hearing.heard(mine.clip(side), served, played, enough, tolerance)
    ]


def _store(session: Session, mine: Presentation, choice: str, response_ms: int, now: datetime) -> Vote:
    """Under the trial's lock: a lease that runs out this very moment is either still ours or somebody else's."""
    trial = claims.lock(mine.trial_id)
    room = claims.taken(trial, session, now, besides=mine) < trial.votes_needed
    mine.state = State.VOTED if room else State.SURPLUS
    mine.save(update_fields=["state"])
    stored = Vote.objects.create(
        presentation=mine,
        choice=choice,
        winner=None if choice == Vote.Choice.TIE else mine.arm(choice),
        response_ms=_plausible(response_ms, mine, now),
        created_at=now,
    )
    session.last_seen_at = now
    session.save(update_fields=["last_seen_at"])
    if claims.votes_of(session) >= session.study.trials_per_session:
        end(session, Session.State.COMPLETE, now)
    return stored


def _plausible(response_ms: int, mine: Presentation, now: datetime) -> int:
    """The page's own measure, never longer than the time since the claim; none given: that time."""
    since = max(0, round((now - mine.claimed_at).total_seconds() * 1000))
    return min(response_ms, since, 2**31 - 1) if response_ms > 0 else min(since, 2**31 - 1)
