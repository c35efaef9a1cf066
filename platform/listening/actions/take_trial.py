"""What the rater hears next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction

from listening import claims, design, remembered
from listening.actions.end_session import end
from listening.judging import choosing
from listening.models import ListeningTest, Playback, Presentation, Session, Trial
from listening.past import Past, past_of
from listening.schedule import remaining, schedule
from studies.pipeline import item_seed

State = Presentation.State
Kind = Trial.Kind
SEEN = timedelta(seconds=30)
ENDLESS = 10**9  # votes, where none are counted
DESIGNS: dict[str, Callable[[Session, list[int]], list[set[int]]]] = {
    ListeningTest.Design.ACTIVE: design.drawn,
    ListeningTest.Design.JUDGE: choosing.drawn,
}


def take_trial(*, session: Session, now: datetime) -> Presentation | None:
    """The presentation that the rater has open, or a new one; None where nothing is left for this rater.

    A rater who has voted and finds nothing left is done: the session completes. A session that took longer than
    the test allows times out.
    """
    return _held(session, now) or _taken(session, now)


def _held(session: Session, now: datetime) -> Presentation | None:
    """The open claim, where its lease runs for long enough: nothing is decided, so nothing is locked."""
    if not session.active or timed_out(session, now):
        return None
    mine = next(iter(_claimed(session)), None)
    if mine is None or not _runs(mine, session, now):
        return None
    seen(session, now)
    return _shown(mine, now)


@transaction.atomic
def _taken(session: Session, now: datetime) -> Presentation | None:
    # Two tabs of one rater come one after the other, and the second finds the claim of the first.
    session = claims.lock_session(session)
    if not session.active:
        return None
    if timed_out(session, now):
        end(session, Session.State.TIMED_OUT, now)
        return None
    seen(session, now)
    taken = _resume(session, now) or _take_new(session, past_of(session), now)
    if taken is None and claims.votes_of(session):
        end(session, Session.State.COMPLETE, now)
    return _shown(taken, now) if taken else None


@transaction.atomic
def take_ahead(*, session: Session, now: datetime) -> Presentation | None:
    """The presentation after the open one, so that its clips can be fetched while the open one is heard.

    None where nothing comes after it, or where what is left is scarce: a claim that waits would starve others.
    """
    session = claims.lock_session(session)
    past = past_of(session)
    if len(past.open) > 1:
        return session.presentations.get(pk=past.open[1])
    return _take_new(session, past, now, ahead=True) if session.active and past.open else None


def seen(session: Session, now: datetime) -> None:
    """To the half minute: a write for every request would say no more."""
    if now - session.last_seen_at > SEEN:
        session.last_seen_at = now
        session.save(update_fields=["last_seen_at"])


def timed_out(session: Session, now: datetime) -> bool:
    minutes = session.study.listening_test.session_minutes
    return minutes is not None and now - session.started_at > timedelta(minutes=minutes)


def _claimed(session: Session) -> list[Presentation]:
    """Open claims, oldest first."""
    claimed = list(session.presentations.filter(state=State.CLAIMED).select_related("trial__prompt").order_by("pk"))
    for one in claimed:
        one.session = session
    return claimed


def _shown(presentation: Presentation, now: datetime) -> Presentation:
    """Shown once: a second tab does not set the clock back."""
    if presentation.shown_at is None:
        Presentation.objects.filter(pk=presentation.pk, shown_at=None).update(shown_at=now)
        presentation.shown_at = now
    return presentation


def _resume(session: Session, now: datetime) -> Presentation | None:
    """The open claim with a fresh lease, or None: it lapsed, and others have filled the trial since."""
    return next((mine for mine in _claimed(session) if _still_mine(mine, session, now)), None)


def _still_mine(mine: Presentation, session: Session, now: datetime) -> bool:
    """A lease that runs is ours: nobody counts past it. One that lapsed is ours while the trial has room."""
    if _runs(mine, session, now):
        return True
    if mine.leased_until <= now and claims.full(claims.lock(mine.trial_id), session, now, besides=mine):
        mine.state = State.RELEASED
    mine.leased_until = now + lease(session)
    mine.save(update_fields=["state", "leased_until"])
    return mine.state == State.CLAIMED


def _runs(mine: Presentation, session: Session, now: datetime) -> bool:
    """For at least half of a full lease: long enough not to be written again."""
    return now + lease(session) / 2 < mine.leased_until


def lease(session: Session) -> timedelta:
    return timedelta(seconds=session.study.listening_test.most_seconds)


def _take_new(session: Session, past: Past, now: datetime, *, ahead: bool = False) -> Presentation | None:
    for kind in dict.fromkeys(upcoming(session, past)):
        taken = _take_study(session, now, ahead) if kind == Kind.STUDY else _take_pooled(session, kind, now)
        if taken or kind == Kind.STUDY:  # a pool may be empty, and the next kind comes; without study trials none does
            return taken
    return None


def upcoming(session: Session, past: Past) -> list[Trial.Kind]:
    """The kinds of trials that are still to come, in order."""
    had = past.kinds
    if session.practised_at is None and had.count(Kind.PRACTICE) < session.study.listening_test.practice_trials:
        return [Kind.PRACTICE, *remaining(order_of(session), had)]
    return remaining(order_of(session), had)


def order_of(session: Session) -> list[Trial.Kind]:
    test = session.study.listening_test
    seed = item_seed(session.study.seed, "schedule", session.rater_id)
    return schedule(session.study.trials_per_session, test.traps_per_ten, test.gold_per_ten, seed)


def _take_pooled(session: Session, kind: Trial.Kind, now: datetime) -> Presentation | None:
    """A trial that needs no votes: practice in its order, checks drawn by rater."""
    pool = list(session.question.trials.filter(kind=kind).exclude(content__in=_met(session)).order_by("pk"))
    if kind != Kind.PRACTICE:
        pool.sort(key=lambda trial: item_seed(session.study.seed, "order", session.rater_id, trial.pk))
    return _present(pool[0], session, now) if pool else None


def _take_study(session: Session, now: datetime, ahead: bool) -> Presentation | None:
    """Passes by trials that another rater is being given this moment, and waits for one only if no other is left."""
    if not _wanted(session, now):
        return None
    live = claims.live_by_trial(session, now)
    for wait in (False, True):
        rows = _roomy(session, live)
        if ahead and sum(room for _, room, _ in rows) <= live.total():  # scarce: fewer votes than raters at work
            return None
        for trial in _open_to(session, rows):
            if taken := _claim(trial, session, now, wait=wait):
                return taken
        live = claims.live_by_trial(session, now)
    return None


def _wanted(session: Session, now: datetime) -> bool:
    """Whether the study asks for more votes in all. Counted one rater at a time, or two would both be the last."""
    wanted, counter = session.study.listening_test.votes_wanted, claims.COUNTERS.get(session.population)
    if wanted is None or counter is None:
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('listening.votes_wanted'), %s)", [session.study_id])
    held = claims.live(session, now).filter(trial__study=session.study_id, trial__kind=Kind.STUDY).count()
    return claims.given(session.study_id, counter) + held < wanted


def _met(session: Session):
    """Contents that this rater has met, in any study."""
    return Presentation.objects.filter(session__rater=session.rater_id).values("trial__content")


class Roomy(NamedTuple):
    """A trial that can be given: votes taken from it, votes it has room for, and its key."""

    held: int
    room: int
    pk: int


def _roomy(session: Session, live: Counter[int]) -> list[Roomy]:
    """Trials with room whose clips this rater has met in no study."""
    counter = claims.COUNTERS.get(session.population)
    trials = session.question.trials.filter(kind=Kind.STUDY).exclude(content__in=_met(session))
    if counter is None:
        return [Roomy(0, ENDLESS, pk) for pk in trials.order_by("pk").values_list("pk", flat=True)]
    rows = trials.values_list(counter, "votes_needed", "pk")
    found = (Roomy(votes + live[pk], needed - votes - live[pk], pk) for votes, needed, pk in rows)
    return [one for one in found if one.room > 0]


def _open_to(session: Session, rows: list[Roomy]) -> Iterator[int]:
    """Trials by the study's design: the emptiest first, or those whose arms teach most; then shuffled by rater."""
    choose = DESIGNS.get(session.study.listening_test.design)
    if choose and session.question.kind in session.question.PAIRS:
        pairs = choose(session, [one.pk for one in rows])
    else:
        pairs = [{one.pk for one in rows}]
    for pair in pairs:
        within = [one for one in rows if one.pk in pair]
        for level in sorted({one.held for one in within}):
            yield from shuffled(session, [one.pk for one in within if one.held == level])


def shuffled(session: Session, trials: list[int]) -> list[int]:
    return sorted(trials, key=lambda pk: item_seed(session.study.seed, "order", session.rater_id, pk))


def _claim(pk: int, session: Session, now: datetime, *, wait: bool) -> Presentation | None:
    """Counts again under the lock, because the list was read before it.

    Whoever waits for a trial holds no other: one that turns out to be full is let go at once, by rolling back to the
    savepoint. Whoever does not wait may hold some for a moment: nobody waits for them but such as hold none.
    """
    if not wait:
        trial = claims.lock_if_free(pk)
        return None if trial is None or claims.full(trial, session, now) else _present(trial, session, now)
    with transaction.atomic():
        trial = claims.lock(pk)
        if claims.full(trial, session, now):
            transaction.set_rollback(True)
            return None
        return _present(trial, session, now)


def _present(trial: Trial, session: Session, now: datetime) -> Presentation:
    made = Presentation.objects.create(
        session=session,
        trial=trial,
        population=session.population,
        claimed_at=now,
        leased_until=now + lease(session),
    )
    letters = claims.lettered(trial, session, now)
    Playback.objects.bulk_create([Playback(presentation=made, stimulus=one, letter=letter) for letter, one in letters])
    return made


def total(session: Session) -> int:
    """Trials of the session after practice: as many as are asked, where there are so many."""
    pools, order = remembered.pools(session.question_id), order_of(session)
    return sum(min(order.count(kind), pools[kind]) for kind in (Kind.STUDY, Kind.TRAP, Kind.GOLD))
