"""Evaluated studies, and the four kinds of reader that every address must tell apart."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Membership
from studies.models import Study
from tests import factories

ARMS = ("original", "instruct", "instruct_feedback", "best_of_n")
VALUES = {"original": 0.30, "instruct": 0.34, "instruct_feedback": 0.40, "best_of_n": 0.38}


@pytest.fixture
def owner(db):
    return factories.user("owner")


@pytest.fixture
def study(owner) -> Study:
    """Four arms on four prompts, evaluated; as read fresh from the database."""
    team = factories.team(owner)
    made = factories.study(team, arms=ARMS, prompt_set=factories.prompt_set(team, test=4))
    factories.complete(made, values=VALUES)
    return Study.objects.get(pk=made.pk)


@pytest.fixture
def viewer(study):
    person = factories.user("viewer")
    Membership.objects.create(team=study.team, user=person, role=Membership.Role.VIEWER)
    return person


@pytest.fixture
def stranger(db):
    """A researcher with a team of their own."""
    person = factories.user("stranger")
    factories.team(person)
    return person


@pytest.fixture
def reader(owner) -> Client:
    client = Client()
    client.force_login(owner)
    return client
