"""A study behind a real server, and a client that asks it."""

from __future__ import annotations

import pytest
from audionese_client import Client

from accounts.models import ApiToken, Team
from listening.actions.open_trials import open_trials
from listening.simulation import simulate
from studies.models import Checkpoint, Study
from tests import factories
from tests.once import once
from tests.results.conftest import ARMS, CURVE, VALUES


@pytest.fixture
def owner(transactional_db):
    return once(factories.user, "owner")


@pytest.fixture
def team(owner):
    return once(factories.team, owner)


@pytest.fixture
def voted(team) -> Study:
    return once(heard, team)


def heard(team: Team) -> Study:
    made = factories.study(team, arms=ARMS, prompt_set=factories.prompt_set(team, test=4))
    factories.complete(made, values=VALUES)
    made.listening_pairs = [["instruct", "original"], ["instruct_feedback", "original"]]
    made.votes_per_trial = 4
    made.save()
    made.listening_questions.update(votes_per_trial=None)
    open_trials(study=made)
    simulate(study=made, raters=4, seed=1)
    arm = made.arms.get(key="instruct_feedback")
    of = {"arm": arm, "rewriter": arm.rewriter, "curve": CURVE, "ranked": []}
    Checkpoint.objects.create(identity="c", state="done", weights="w", seconds=3, **of)
    return made


@pytest.fixture
def token(owner) -> str:
    return ApiToken.issue(owner, "client", scopes=[scope.value for scope in ApiToken.Scope])[1]


@pytest.fixture
def client(live_server, token):
    with Client(live_server.url, token) as made:
        yield made
