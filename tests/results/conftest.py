"""Evaluated studies, and the four kinds of reader that every address must tell apart."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client, override_settings

from accounts.models import Membership, User
from listening.actions.open_trials import open_trials
from listening.simulation import simulate
from studies.models import Checkpoint, Clip, ClipEmbedding, Study, StudyJudge
from tests import factories
from tests.once import once

ARMS = ("original", "instruct", "instruct_feedback", "best_of_n")
VALUES = {"original": 0.30, "instruct": 0.34, "instruct_feedback": 0.40, "best_of_n": 0.38}
CURVE = [
    {"epoch": 0, "clap": 0.30, "fidelity": 1.0},
    {"epoch": 1, "loss": 0.8, "ranking_accuracy": 0.5, "clap": 0.32, "fidelity": 0.95},
    {"epoch": 2, "loss": 0.5, "ranking_accuracy": 0.7, "clap": 0.36, "fidelity": 0.9, "kept": True},
]


FORETOLD = {"correlation": 0.5, "log_loss": 0.8, "brier": 0.4, "error": 0.05, "right": 0.75}
BINS = [{"foretold": 0.6, "found": 0.55, "votes": 20}, {"foretold": 0.9, "found": 0.85, "votes": 20}]
JUDGED = {
    "judge": FORETOLD,
    "clap": {**FORETOLD, "correlation": 0.3},
    "gain": 0.2,
    "gain_interval": [0.05, 0.3],
    "calibration": {"judge": BINS, "clap": BINS},
    "curve": [{"votes": n, "value": n / 100, "low": 0.1, "high": 0.5, "draws": 5} for n in (20, 40)],
    **{"votes": 48, "pairs": 12, "prompts": 4, "folds": 4, "seconds": 1.0},
}


@pytest.fixture
def free_slots():
    """Answers that an earlier test never read hold their slots until they are collected."""
    gc.collect()


@pytest.fixture
def owner(db):
    return once(factories.user, "owner")


@pytest.fixture
def study(owner) -> Study:
    return once(evaluated, owner)


def evaluated(owner: User) -> Study:
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


@pytest.fixture
def voted(study) -> Study:
    return once(heard, study)


def heard(study: Study) -> Study:
    """With a trained arm, and votes of simulated raters on several pairs."""
    study.listening_pairs = [["instruct", "original"], ["instruct_feedback", "original"], ["best_of_n", "instruct"]]
    study.votes_per_trial = 4
    study.save()
    study.listening_questions.update(votes_per_trial=None)
    open_trials(study=study)
    simulate(study=study, raters=6, seed=1)
    StudyJudge.objects.create(study=study, weights="judges/w", scorers=[], simulated=True, material={}, measured=JUDGED)
    for clip in Clip.objects.all():
        ClipEmbedding.objects.create(clip=clip, scorer=study.evaluation_scorer, vector=[1.0, clip.pk % 7, clip.pk % 5])
    arm = study.arms.get(key="instruct_feedback")
    Checkpoint.objects.create(
        identity="c", arm=arm, rewriter=arm.rewriter, state="done", weights="w", curve=CURVE, ranked=[], seconds=3
    )
    return study


@pytest.fixture(scope="module")
def lasting_study(django_db_setup, django_db_blocker) -> Iterator[Study]:
    """One with votes that a module asks hundreds of times, built once: what a test writes is undone on its own."""
    quick = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"], "LISTENING_REMEMBER_SECONDS": 0}
    with django_db_blocker.unblock(), override_settings(**quick), transaction.atomic():
        team = factories.team(factories.user("lasting"))
        made = factories.study(team, prompt_set=factories.prompt_set(team, test=2, train=1, expert=1))
        open_trials(study=factories.complete(made))
        simulate(study=made, raters=2, seed=1)
        yield Study.objects.get(pk=made.pk)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def lasting_reader(lasting_study) -> Client:
    """Of its owner."""
    client = Client()
    client.force_login(lasting_study.team.memberships.get().user)
    return client
