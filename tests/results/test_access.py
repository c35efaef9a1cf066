"""What a script is told that may not read, and what is left to somebody who has left the team.

Who may see which address is in tests/config/access_table.py.
"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken
from studies.models import Clip

API = ("api:results", "api:export", "api:clip")


def address(name: str, study) -> str:
    clip = Clip.objects.filter(renderings__candidate__arm__study=study).first()
    return reverse(name, args=[study.slug, *([clip.pk] if name == "api:clip" else [])])


@pytest.mark.parametrize("name", API)
def test_an_anonymous_script_is_told_to_bring_a_token(study, name):
    response = Client().get(address(name, study))

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response["Content-Type"].startswith("application/problem+json")


def test_a_member_who_leaves_the_team_sees_nothing_more(study, viewer):
    client, key = Client(), {"authorization": f"Bearer {ApiToken.issue(viewer, 'script')[1]}"}
    client.force_login(viewer)
    assert client.get(address("results:study", study)).status_code == 200
    study.team.memberships.filter(user=viewer).delete()

    assert client.get(address("results:study", study)).status_code == 404
    assert Client().get(address("api:results", study), headers=key).status_code == 404
