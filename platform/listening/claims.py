"""Who holds which of a trial's votes: decided under the trial's lock.

Invariant: usable votes + live claims ≤ votes needed. People and simulated raters are two populations, counted apart;
a researcher's preview takes nothing from either.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from listening import errors
from listening.models import LETTERS, Playback, Presentation, Session, Stimulus, Trial
from listening.past import GIVEN
from studies.pipeline import item_seed

State, Population = Presentation.State, Session.Population
TOKEN = re.compile(r"[\w-]{1,40}", re.ASCII)
COUNTERS: dict[str, str] = {Population.PEOPLE: "votes_people", Population.SIMULATED: "votes_simulated"}


def presentation_of(session: Session, token: str) -> Presentation:
    """The session's presentation of that token. Raises UnknownPair, or NotYours."""
    found = Presentation.objects.filter(token=token).first() if TOKEN.fullmatch(token) else None
    if found is None:
        raise errors.UnknownPair
    if found.session_id != session.pk:
        raise errors.NotYours
    return found


def locked_presentation(session: Session, token: str) -> Presentation:
    """The same, held until the transaction ends: votes and beacons write to it, and beacons hold no session."""
    known = token if TOKEN.fullmatch(token) else ""
    held = session.presentations.select_for_update(of=("self",), no_key=True)
    return held.filter(token=known).first() or presentation_of(session, token)


def lock_session(session: Session) -> Session:
    """The session as it is now, held until the transaction ends; not its study, which all raters share."""
    held = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
    # What a request has read of these once does not change while raters are at work.
    for name, row in session._state.fields_cache.items():
        setattr(held, name, row)
    return held


def lock(pk: int) -> Trial:
    """The trial, held until the transaction ends; waits for whoever holds it."""
    return Trial.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def lock_if_free(pk: int) -> Trial | None:
    """The same without waiting: None where someone else holds it."""
    return Trial.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk=pk).first()


# Said in the statement, and not sent with it: so that the plan that PostgreSQL keeps of a prepared statement may use
# the index of live claims, which are few. Beside a million votes it read all of them for each rater's next trial.
CLAIMED = RawSQL(f"'{State.CLAIMED.value}'", ())  # noqa: S611 - a word of our own  # nosec B611


def live(session: Session, now: datetime):
    """Claims of the session's population whose lease still runs."""
    return Presentation.objects.filter(population=session.population, state=CLAIMED, leased_until__gt=now).order_by()


def live_by_trial(session: Session, now: datetime) -> Counter[int]:
    """How many such claims each trial of the session's question has."""
    held = live(session, now).values_list("trial_id", "trial__question")
    return Counter(trial for trial, question in held if question == session.question_id)


def taken(trial: Trial, session: Session, now: datetime, besides: Presentation | None = None) -> int:
    """Votes taken from the trial: given, or claimed. The claim `besides` is not counted."""
    claims = live(session, now).filter(trial=trial).exclude(pk=besides.pk if besides else 0).count()
    return getattr(trial, COUNTERS[session.population]) + claims


def full(trial: Trial, session: Session, now: datetime, besides: Presentation | None = None) -> bool:
    """Whether nobody else of the session's population is wanted. What does not count for the study never is."""
    if trial.votes_needed is None or session.population not in COUNTERS:
        return False
    return taken(trial, session, now, besides) >= trial.votes_needed


def count_vote(trial: Trial, session: Session, by: int = 1) -> None:
    """Adds to what the trial has, under its lock: votes that count for the study, of sessions that are used."""
    if trial.kind == Trial.Kind.STUDY and session.used and session.population in COUNTERS:
        counter = COUNTERS[session.population]
        Trial.objects.filter(pk=trial.pk).update(**{counter: F(counter) + by})


def recount(trials: Iterable[int]) -> None:
    """Counts these trials' votes anew, under their locks: sessions are used or not used any more, or have gone."""
    locked = Trial.objects.filter(pk__in=list(trials), kind=Trial.Kind.STUDY)
    list(locked.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))
    for population, counter in COUNTERS.items():
        locked.update(**{counter: Coalesce(Subquery(_usable(population)), 0)})


def _usable(population: str) -> QuerySet:
    """Votes of the outer trial that count."""
    counts = Q(state=State.VOTED, population=population, session__used=True)
    of_trial = Presentation.objects.filter(counts, trial=OuterRef("pk")).order_by().values("trial")
    return of_trial.annotate(n=Count("pk")).values("n")


def given(study: int, counter: str) -> int:
    """Usable votes on the trials of the study of that key."""
    return Trial.objects.filter(study=study).aggregate(votes=Sum(counter))["votes"] or 0


def votes_of(session: Session) -> int:
    """Votes the rater gave after practice, surplus ones too: their work counts for them in any case."""
    return session.presentations.filter(state__in=GIVEN).exclude(trial__kind=Trial.Kind.PRACTICE).count()


def lettered(trial: Trial, session: Session, now: datetime) -> list[tuple[str, Stimulus]]:
    """The trial's stimuli under the letters they are heard as: pairs balanced, larger trials drawn by rater."""
    stimuli = list(trial.stimuli.all())
    if len(stimuli) == 2:
        stimuli = stimuli if _first_plays_as_a(trial, stimuli, session, now) else stimuli[::-1]
    else:
        random.Random(_seed(trial, session)).shuffle(stimuli)
    return list(zip(LETTERS, stimuli, strict=False))


def _first_plays_as_a(trial: Trial, pair: list[Stimulus], session: Session, now: datetime) -> bool:
    """The side with the deficit: of this trial, else of this rater in this pair of arms, else by a seeded coin.

    Answers and live claims have a side; what was abandoned has none any more.
    """
    alive = Q(presentation__state=State.CLAIMED, presentation__leased_until__gt=now)
    first = Playback.objects.filter(
        alive | Q(presentation__state__in=GIVEN), presentation__population=session.population
    )
    mine = first.filter(
        presentation__session=session, stimulus__arm=pair[0].arm_id, presentation__trial__stimuli__arm=pair[1].arm_id
    )
    lead = _lead(first.filter(stimulus=pair[0])) or (_lead(mine) if pair[0].arm_id else 0)
    return lead < 0 if lead else _seed(trial, session) % 2 == 0


def _seed(trial: Trial, session: Session) -> int:
    return item_seed(session.study.seed, "side", session.rater_id, trial.pk)


def _lead(playbacks) -> int:
    """How many more of them were heard as A than as B."""
    sides = Counter(playbacks.order_by().values_list("letter", flat=True))
    return sides["a"] - sides["b"]
