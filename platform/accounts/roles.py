"""Who may see and who may change what a team owns. Membership is the permission; there is no second list of it."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import Membership, Team, User

Role = Membership.Role
SEE = (Role.OWNER, Role.EDITOR, Role.VIEWER)
CHANGE = (Role.OWNER, Role.EDITOR)
OWN = (Role.OWNER,)


def teams_of(user: User | AnonymousUser, roles: tuple[Role, ...] = SEE) -> QuerySet[Team]:
    """The teams in which the user has one of the roles; all of them for a superuser, none for a stranger."""
    if not user.is_active:
        return Team.objects.none()
    if user.is_superuser:
        return Team.objects.all()
    return Team.objects.filter(pk__in=Membership.objects.filter(user=user, role__in=roles).values("team"))
