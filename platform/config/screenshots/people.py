"""Researchers who are there for the pictures alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.models import Membership, Team, User


def demo() -> User:
    return User.objects.get(username="demo")


@contextmanager
def team_of(name: str) -> Iterator[Team]:
    """A team without anything."""
    team = Team.objects.create(name=name, slug=f"pictures-{name.lower()}")
    try:
        yield team
    finally:
        team.delete()


@contextmanager
def researcher(
    name: str, team: Team | None = None, *, password: str | None = None, staff: bool = True
) -> Iterator[User]:
    """An editor of the team, if there is one. staff: who may enter the admin."""
    User.objects.filter(username=name).delete()  # of a run that was stopped
    user = User.objects.create_user(name, password=password, is_staff=staff)
    if team:
        Membership.objects.create(team=team, user=user, role=Membership.Role.EDITOR)
    try:
        yield user
    finally:
        user.delete()
