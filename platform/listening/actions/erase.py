"""Forgetting a rater: everything, or everything that points to the person."""

from __future__ import annotations

import secrets

from django.db import transaction

from accounts.audit import Kind, note
from accounts.models import Rater, RaterAccount
from accounts.panels.account import delete_account
from listening import claims
from listening.actions.end_session import leave
from listening.models import HeadphoneCheck, Session, Trial
from listening.models.session import opaque
from studies import kept

NAMELESS = "erased"  # the provider of raters whom nobody knows any more, and the code of their sessions


@transaction.atomic
def erase(*, rater: Rater, keep_votes: bool) -> Rater | None:
    """Deletes the rater, their account and address, their headphone checks, and their votes unless they are kept.

    Kept votes belong to a new rater without a name, who is returned: a cookie that still knows the old one knows
    nobody. Trials get back the votes that were deleted, so that somebody else can give them.
    """
    sessions = held(rater)
    trials = list(Trial.objects.filter(presentations__session__rater=rater).distinct().values_list("pk", flat=True))
    note(Kind.ERASURE, f"Rater {rater.pk} of {rater.provider}: erased; votes {'kept' if keep_votes else 'deleted'}.")
    nameless = None
    if keep_votes and sessions:
        nameless = anonymise(rater, sessions)
    if account := RaterAccount.objects.filter(rater=rater).first():
        delete_account(account=account)
    rater.delete()
    claims.recount(trials)
    kept.forget(*{session.study_id for session in sessions})
    return nameless


def held(rater: Rater) -> list[Session]:
    """The rater's sessions, held until the transaction ends; and the rater, so that no session begins meanwhile."""
    sessions = list(rater.sessions.select_for_update(of=("self",), no_key=True).order_by("pk"))
    Rater.objects.select_for_update().get(pk=rater.pk)
    return sessions


def anonymise(rater: Rater, sessions: list[Session]) -> Rater:
    """Gives the sessions to a new rater without a name, inside a transaction; open ones end."""
    nameless = Rater.objects.create(provider=NAMELESS, external_id=secrets.token_urlsafe(16), simulated=rater.simulated)
    HeadphoneCheck.objects.filter(session__in=sessions).delete()
    forget(sessions)
    Session.objects.filter(pk__in=[session.pk for session in sessions]).update(rater=nameless)
    return nameless


def forget(sessions: list[Session]) -> None:
    """Clears what the sessions hold about the person: ids of the platform, comment, answers about themselves.

    The completion code goes too, and the token that it was made from: the platform knows who handed it in.
    """
    for session in sessions:
        leave(session=session, now=session.last_seen_at)
        Session.objects.filter(pk=session.pk).update(
            arrival={}, comment="", qualification=None, completion_code=NAMELESS, token=opaque()
        )
    kept.forget(*{session.study_id for session in sessions})
