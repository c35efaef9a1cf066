"""Panels in tests: somebody who invites, somebody who joins."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import Membership, Panel, PanelMember, RaterAccount, Team
from accounts.panels.inviting import invite
from accounts.panels.joining import join
from accounts.panels.reading import Row
from tests import factories

SITE = "https://listen.example.org"


def panel(team: Team | None = None, name: str = "Night listeners") -> Panel:
    return Panel.objects.create(team=team or factories.team(factories.user()), name=name)


def owner(of: Panel):
    return of.team.memberships.get(role=Membership.Role.OWNER).user


def invited(to: Panel, email: str = "anna@example.org", language: str = "", days_ago: float = 0) -> PanelMember:
    """Written to some days ago."""
    sent = timezone.now() - timedelta(days=days_ago)
    return PanelMember.objects.create(panel=to, email=email, language=language, invited_at=sent)


def member(to: Panel, email: str = "anna@example.org", **fields) -> RaterAccount:
    """Joined, an hour ago."""
    account = join(token=invited(to, email).token, now=timezone.now() - timedelta(hours=1))
    RaterAccount.objects.filter(pk=account.pk).update(**fields)
    account.refresh_from_db()
    return account


def invite_all(to: Panel, *emails: str, **changes) -> list[PanelMember]:
    rows = [Row(line, email) for line, email in enumerate(emails, 2)]
    return invite(panel=to, rows=rows, by=owner(to), site=SITE, now=timezone.now(), **changes)
