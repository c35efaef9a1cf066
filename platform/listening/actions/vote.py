"""The vote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from listening import answers, checks, claims, errors, hearing, rules
from listening.actions.end_session import end
from listening.actions.record_listening import credit, keep
from listening.actions.take_trial import seen, upcoming
from listening.models import Playback, Presentation, Session, Trial, Vote
from listening.past import past_of

State, Kind = Presentation.State, Trial.Kind
# Of playbacks, what a vote reads and writes: clips and their arms have many more.
COLUMNS = (
    *("presentation", "letter", "served", "heard", "value", "stimulus__arm", "stimulus__treatment"),
    *("stimulus__clip__samples", "stimulus__clip__sample_rate"),
)


def vote(
    *,
    session: Session,
    token: str,
    given: Mapping[str, str],
    response_ms: int,
    played: dict[str, float],
    now: datetime,
) -> Vote:
    """Stores the answer and, with the last one, completes the session.

    given: the form's fields, as listening/answers.py reads them. A vote on a claim whose lease ran out is as good as
    any while the trial has room. When others have filled the trial meanwhile, it is kept as surplus: it counts for
    the rater, not for the study.

    Raises ListeningError: unknown or somebody else's pair, a second vote, an ended session, no such answer, too
    soon, or NotHeard. What was played by then is kept in any case.
    """
    with transaction.atomic():
        session = claims.lock_session(session)
        mine = claims.locked_presentation(session, token)
        playbacks = list(mine.playbacks.select_related("stimulus__clip").only(*COLUMNS))
        answer = _accepted(session, mine, playbacks, given)
        news = credit(mine, playbacks, played, now)
        refusal = _refusal(session, mine, playbacks, now)
        stored = None if refusal else _store(session, mine, playbacks, answer, response_ms, now)
        if refusal:
            keep(news)
    # Raised after the commit: what was heard so far is not lost with the refusal.
    if stored is None:
        raise refusal
    return stored


def _accepted(session: Session, mine: Presentation, playbacks: list[Playback], given) -> answers.Answer:
    if mine.state in claims.GIVEN:
        raise errors.AlreadyVoted
    if not session.active:
        raise errors.SessionEnded
    return answers.parse(session.question, [one.letter for one in playbacks], given)


def _refusal(session: Session, mine: Presentation, playbacks: list[Playback], now: datetime):
    enough, tolerance = rules.value("HEARD_SECONDS"), rules.value("HEARD_TOLERANCE")
    unheard = [
        one.letter
        for one in playbacks
        if not hearing.heard(one.stimulus.clip, one.served, one.heard, enough, tolerance)
    ]
    if unheard:
        return errors.NotHeard(unheard)
    least = session.study.listening_test.least_seconds
    if (now - (mine.shown_at or now)).total_seconds() < least:
        return errors.TooSoon(least)
    return None


def _store(
    session: Session,
    mine: Presentation,
    playbacks: list[Playback],
    answer: answers.Answer,
    response_ms: int,
    now: datetime,
) -> Vote:
    """Under the trial's lock: a lease that runs out this very moment is either still ours or somebody else's."""
    trial = claims.lock(mine.trial_id)
    mine.state = State.SURPLUS if claims.full(trial, session, now, besides=mine) else State.VOTED
    mine.save(update_fields=["state"])
    if mine.state == State.VOTED:
        claims.count_vote(trial, session)
    for one in playbacks:
        one.value = answer.values[one.letter]
        one.save(update_fields=["heard", "value"])
    stored = Vote.objects.create(
        presentation=mine,
        choice=answer.choice,
        winner_id=_winner(playbacks, answer),
        passed=_passed(session, trial, playbacks, answer),
        response_ms=_plausible(response_ms, mine, now),
        created_at=now,
    )
    seen(session, now)
    past = past_of(session)
    if not past.open and not upcoming(session, past):
        end(session, Session.State.COMPLETE, now)
    return stored


def _winner(playbacks: list[Playback], answer: answers.Answer) -> int | None:
    return next((one.stimulus.arm_id for one in playbacks if one.letter == answer.choice), None)


def _passed(session: Session, trial: Trial, playbacks: list[Playback], answer: answers.Answer) -> bool | None:
    if trial.kind not in (Kind.TRAP, Kind.GOLD):
        return None
    return checks.passed(session.question, {one.letter: one.stimulus.treatment for one in playbacks}, answer.values)


def _plausible(response_ms: int, mine: Presentation, now: datetime) -> int:
    """The page's own measure, never longer than the time it was open; none given: that time."""
    since = max(0, round((now - (mine.shown_at or mine.claimed_at)).total_seconds() * 1000))
    return min(response_ms, since, 2**31 - 1) if response_ms > 0 else min(since, 2**31 - 1)
