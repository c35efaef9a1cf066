"""What the rater hears next."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from listening import claims, rules
from listening.actions.end_session import end
from listening.models import Presentation, Session, Trial
from studies.pipeline import item_seed


@transaction.atomic
def take_trial(*, session: Session, now: datetime) -> Presentation | None:
    """The presentation that the rater has open, or a new one; None where nothing is left for this rater.

    A rater who has voted and finds nothing left is done: the session completes.
    """
    # Two tabs of one rater come one after the other, and the second finds the claim of the first.
    session = claims.lock_session(session)
    if not session.active:
        return None
    session.last_seen_at = now
    session.save(update_fields=["last_seen_at"])
    taken = _resume(session, now) or _take_new(session, now)
    if taken is None and claims.votes_of(session):
        end(session, Session.State.COMPLETE, now)
    return taken


def _resume(session: Session, now: datetime) -> Presentation | None:
    """The open claim with a fresh lease, or None: it lapsed, and others have filled the trial since."""
    mine = session.presentations.filter(state=Presentation.State.CLAIMED).first()
    if mine is None:
        return None
    trial = claims.lock(mine.trial_id)
    lost = claims.taken(trial, session, now, besides=mine) >= trial.votes_needed
    mine.state = Presentation.State.RELEASED if lost else mine.state
    mine.leased_until = now + rules.lease()
    mine.save(update_fields=["state", "leased_until"])
    return None if lost else mine


def _take_new(session: Session, now: datetime) -> Presentation | None:
    """Passes by trials that another rater is being given this moment, and waits for one only if no other is left."""
    for wait in (False, True):
        for trial in _open_to(session, now):
            if taken := _claim(trial, session, now, wait=wait):
                return taken
    return None


def _open_to(session: Session, now: datetime) -> list[int]:
    """Trials with room whose two clips this rater has met in no study, fewest votes first, then shuffled by rater."""
    met = Presentation.objects.filter(session__rater=session.rater).filter(
        Q(trial__first_clip=OuterRef("first_clip"), trial__second_clip=OuterRef("second_clip"))
        | Q(trial__first_clip=OuterRef("second_clip"), trial__second_clip=OuterRef("first_clip"))
    )
    rows = (
        session.study.trials.filter(~Exists(met))
        .annotate(taken=claims.count_of(session, now))
        .filter(taken__lt=F("votes_needed"))
        .values_list("taken", "pk")
    )
    shuffle = {pk: item_seed(session.study.seed, "order", session.rater_id, pk) for _, pk in rows}
    return [pk for _, pk in sorted(rows, key=lambda row: (row[0], shuffle[row[1]]))]


def _claim(pk: int, session: Session, now: datetime, *, wait: bool) -> Presentation | None:
    """Counts again under the lock, because the list was read before it.

    A full trial is let go at once, by rolling back to the savepoint: whoever waits for a trial holds no other.
    """
    with transaction.atomic():
        trial = claims.lock(pk) if wait else claims.lock_if_free(pk)
        if trial is None:
            return None
        if claims.taken(trial, session, now) >= trial.votes_needed:
            transaction.set_rollback(True)
            return None
        return Presentation.objects.create(
            session=session,
            trial=trial,
            a_is_first=claims.first_plays_as_a(trial, session, now),
            claimed_at=now,
            leased_until=now + rules.lease(),
        )


def progress(session: Session) -> tuple[int, int]:
    """Votes given, and votes in all."""
    trials = Trial.objects.filter(study=session.study_id).count()
    return claims.votes_of(session), min(session.study.trials_per_session, trials)
