"""Teams: owners let people in, by exact username, and a team keeps an owner."""

import pytest
from django.urls import reverse

from accounts.models import Membership
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client):
    owner = factories.user("owner", is_staff=True)
    client.force_login(owner)
    return owner


def post(client, team, *members: tuple[str, str], **changed):
    """Saves the team with exactly these members, the present ones first."""
    present = list(team.memberships.order_by("pk"))
    data = {"name": team.name, "slug": team.slug, "memberships-TOTAL_FORMS": len(members)}
    data |= {"memberships-INITIAL_FORMS": len(present)}
    for at, (username, role) in enumerate(members):
        data |= {f"memberships-{at}-user": username, f"memberships-{at}-role": role, f"memberships-{at}-team": team.pk}
        data |= {f"memberships-{at}-id": present[at].pk} if at < len(present) else {}
    return client.post(reverse("admin:accounts_team_change", args=[team.pk]), data | changed)


def test_an_owner_lets_somebody_in_by_username(client, owner):
    team, friend = factories.team(owner), factories.user("friend")

    assert post(client, team, ("owner", "owner"), ("friend", "viewer")).status_code == 302
    assert team.memberships.get(user=friend).role == Membership.Role.VIEWER


def test_an_unknown_username_is_named_and_nobody_is_listed(client, owner):
    team = factories.team(owner)
    factories.user("secret-colleague")

    page = post(client, team, ("owner", "owner"), ("nobody", "viewer")).content.decode()

    assert "Nobody active has this username" in page
    assert "secret-colleague" not in page


def test_a_team_keeps_an_owner(client, owner):
    team = factories.team(owner)

    assert b"A team needs an owner" in post(client, team, ("owner", "viewer")).content
    assert b"A team needs an owner" in post(client, team, ("owner", "owner"), **{"memberships-0-DELETE": "on"}).content
    assert team.memberships.get().role == Membership.Role.OWNER


def test_an_administrator_adds_a_researcher_who_can_sign_in(client, admin_client):
    page = admin_client.get(reverse("admin:accounts_user_add"))
    assert page.context["adminform"].form["is_staff"].value() is True

    password = "a long unguessable phrase"
    data = {
        "username": "new",
        "usable_password": "true",
        "password1": password,
        "password2": password,
        "is_staff": "on",
    }
    assert admin_client.post(reverse("admin:accounts_user_add"), data).status_code == 302
    assert client.login(username="new", password=password)
    assert client.get(reverse("admin:index")).status_code == 200
