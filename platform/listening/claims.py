"""Who holds which of a trial's votes: counted from the rows, always under the trial's lock where it decides.

Invariant: votes + live claims ≤ votes needed. People and simulated raters are two populations, counted apart.
"""

from __future__ import annotations

import re
from datetime import datetime

from django.db.models import Count, Q

from listening import errors
from listening.models import Presentation, Session, Trial
from studies.pipeline import item_seed

State = Presentation.State
GIVEN = (State.VOTED, State.SURPLUS)


def presentation_of(session: Session, token: str) -> Presentation:
    """The session's presentation of that token. Raises UnknownPair, or NotYours."""
    found = Presentation.objects.filter(token=token).first() if re.fullmatch(r"[\w-]{1,40}", token, re.A) else None
    if found is None:
        raise errors.UnknownPair
    if found.session_id != session.pk:
        raise errors.NotYours
    return found


def lock_session(session: Session) -> Session:
    """The session as it is now, held until the transaction ends; not its study, which all raters share."""
    held = Session.objects.select_for_update(of=("self",), no_key=True).select_related("study", "rater")
    return held.get(pk=session.pk)


def lock(pk: int) -> Trial:
    """The trial, held until the transaction ends; waits for whoever holds it."""
    return Trial.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def lock_if_free(pk: int) -> Trial | None:
    """The same without waiting: None where someone else holds it."""
    return Trial.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk=pk).first()


def holding(session: Session, now: datetime, prefix: str = "") -> Q:
    """Presentations that take one of the votes: given, or claimed under a lease that still runs."""
    held = Q(**{f"{prefix}state": State.VOTED}) | Q(
        **{f"{prefix}state": State.CLAIMED, f"{prefix}leased_until__gt": now}
    )
    return held & Q(**{f"{prefix}session__rater__simulated": session.rater.simulated})


def count_of(session: Session, now: datetime) -> Count:
    """The same as a column of a query over trials."""
    return Count("presentations", filter=holding(session, now, "presentations__"))


def taken(trial: Trial, session: Session, now: datetime, besides: Presentation | None = None) -> int:
    """Votes taken from the trial, those of `besides` not counted."""
    return trial.presentations.filter(holding(session, now)).exclude(pk=besides.pk if besides else 0).count()


def votes_of(session: Session) -> int:
    """Votes the rater gave, surplus ones too: their work counts for them in any case."""
    return session.presentations.filter(state__in=GIVEN).count()


def first_plays_as_a(trial: Trial, session: Session, now: datetime) -> bool:
    """The side with the deficit: of this trial, else of this rater in this pair of arms, else by a seeded coin."""
    same_arms = Q(trial__first_arm=trial.first_arm_id, trial__second_arm=trial.second_arm_id)
    lead = _lead(trial.presentations.filter(holding(session, now))) or _lead(session.presentations.filter(same_arms))
    return lead < 0 if lead else item_seed(session.study.seed, "side", session.rater_id, trial.pk) % 2 == 0


def _lead(presentations) -> int:
    """How many more presentations had the first clip as A than as B."""
    sides = presentations.aggregate(a=Count("pk", filter=Q(a_is_first=True)), b=Count("pk", filter=Q(a_is_first=False)))
    return sides["a"] - sides["b"]
