"""The answer to an invitation."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import PanelMember, Rater, RaterAccount
from accounts.panels.errors import InvitationExpired, JoinedAlready, NoInvitation

VALID = timedelta(days=30)  # since it was last sent
PROVIDER = "panel"


def invitation(token: str, now: datetime) -> PanelMember:
    """Who was invited by this link. Raises NoInvitation, JoinedAlready, or InvitationExpired."""
    return _open(PanelMember.objects.select_related("panel__team"), token, now)


def _open(members, token: str, now: datetime) -> PanelMember:
    member = members.filter(token=token).first()
    if member is None:
        raise NoInvitation
    if member.joined_at:
        raise JoinedAlready
    if member.invited_at is None or now - member.invited_at > VALID:
        raise InvitationExpired
    return member


@transaction.atomic
def join(*, token: str, now: datetime) -> RaterAccount:
    """Makes the invited address a member: with the account that it has already, or with a new one."""
    member = _open(PanelMember.objects.select_for_update(), token, now)
    account = RaterAccount.objects.select_related("rater").filter(email=member.email).first() or _new_account(member)
    member.account, member.joined_at = account, now
    member.save(update_fields=["account", "joined_at"])
    account.last_login = now  # the invitation signed them in: links sent before are used up
    account.save(update_fields=["last_login"])
    return account


def _new_account(member: PanelMember) -> RaterAccount:
    rater = Rater.objects.create(provider=PROVIDER, external_id=secrets.token_urlsafe(16))
    account = RaterAccount(email=member.email, rater=rater, language=member.language)
    account.set_unusable_password()
    account.save()
    return account


@transaction.atomic
def decline(*, token: str, now: datetime) -> None:
    """Deletes the invitation, and with it the address."""
    _open(PanelMember.objects.select_for_update(), token, now).delete()
