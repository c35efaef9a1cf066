"""Invitations: who is on the list, and who was written to."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from smtplib import SMTPException, SMTPRecipientsRefused

from django.core.exceptions import PermissionDenied
from django.core.mail import get_connection
from django.db import transaction

from accounts import roles
from accounts.models import Panel, PanelMember, User
from accounts.panels import mail
from accounts.panels.reading import Row

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What inviting these rows would do."""

    new: tuple[Row, ...]
    waiting: tuple[Row, ...]  # invited before, not joined
    joined: tuple[Row, ...]


def plan(panel: Panel, rows: Iterable[Row]) -> Plan:
    rows = tuple(rows)
    joined_at = dict(panel.members.filter(email__in=[row.email for row in rows]).values_list("email", "joined_at"))
    return Plan(
        new=tuple(row for row in rows if row.email not in joined_at),
        waiting=tuple(row for row in rows if row.email in joined_at and joined_at[row.email] is None),
        joined=tuple(row for row in rows if joined_at.get(row.email)),
    )


@transaction.atomic
def invite(
    *, panel: Panel, rows: Iterable[Row], by: User, site: str, now: datetime, again: bool = False
) -> list[PanelMember]:
    """Puts everybody on the list and writes to whoever is new on it; with `again` also to those who have not joined.

    Returns who is written to. Raises PermissionDenied for somebody who may not change what the team owns.
    """
    _check(panel, by)
    rows = list(rows)
    listed = [PanelMember(panel=panel, email=row.email, language=row.language) for row in rows]
    PanelMember.objects.bulk_create(listed, ignore_conflicts=True)
    waiting = panel.members.filter(email__in=[row.email for row in rows], joined_at=None)
    return _write(waiting if again else waiting.filter(invited_at=None), site, now)


@transaction.atomic
def send_again(*, panel: Panel, members: Iterable[int], by: User, site: str, now: datetime) -> list[PanelMember]:
    """Writes once more to those of the members (by primary key) who have not joined, and returns them."""
    _check(panel, by)
    return _write(panel.members.filter(pk__in=members, joined_at=None), site, now)


def _check(panel: Panel, by: User) -> None:
    if not roles.teams_of(by, roles.CHANGE).filter(pk=panel.team_id).exists():
        raise PermissionDenied


def _write(members, site: str, now: datetime) -> list[PanelMember]:
    chosen = list(members.select_related("panel__team"))
    transaction.on_commit(partial(deliver, chosen, site, now))
    return chosen


def deliver(members: Iterable[PanelMember], site: str, now: datetime) -> None:
    """One letter each, over one connection. Whoever could not be written to stays marked as before.

    The mark is set first, by a conditional update: two senders at once, or one that was stopped half-way and started
    again, write to nobody twice.
    """
    connection = get_connection()
    for member in members:
        this = PanelMember.objects.filter(pk=member.pk, invited_at=member.invited_at, joined_at=None)
        if not this.update(invited_at=now):
            continue
        try:
            connection.send_messages([_letter(member, site)])
        except SMTPRecipientsRefused:
            _unmark(member)
        except (SMTPException, OSError):
            _unmark(member)
            logger.exception("Invitations could not be sent. Check EMAIL_URL.")
            return  # the others would wait for the same server


def _unmark(member: PanelMember) -> None:
    PanelMember.objects.filter(pk=member.pk).update(invited_at=member.invited_at)


def _letter(member: PanelMember, site: str):
    return mail.letter(
        member.email,
        "invitation",
        member.language,
        panel=member.panel.name,
        team=member.panel.team.name,
        link=mail.address(site, "join", member.token),
    )
