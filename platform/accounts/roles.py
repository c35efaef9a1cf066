"""Who may see and who may change what a team owns. Membership is the permission; there is no second list of it."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import Membership, Team, User

Role = Membership.Role
SEE = (Role.OWNER, Role.EDITOR, Role.VIEWER)
CHANGE = (Role.OWNER, Role.EDITOR)
OWN = (Role.OWNER,)


def roles_of(user: User | AnonymousUser) -> dict[int, str]:
    """The user's role in each of their teams, by the team's key."""
    if not user.is_active or user.is_anonymous:
        return {}
    return dict(Membership.objects.filter(user=user).values_list("team", "role"))


def teams_of(user: User | AnonymousUser, roles: tuple[Role, ...] = SEE) -> QuerySet[Team]:
    """The teams in which the user has one of the roles; all of them for a superuser, none for a stranger."""
    if user.is_active and user.is_superuser:
        return Team.objects.all()
    return Team.objects.filter(pk__in=[team for team, role in roles_of(user).items() if role in roles])
