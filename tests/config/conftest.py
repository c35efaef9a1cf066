"""The world that everybody asks for something in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test.utils import override_settings

from tests.config.access_world import World, build
from tests.config.bad_answers import Target


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """Built once: what the tests' requests do to it is undone, each on its own."""
    quick = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"], "LISTENING_REMEMBER_SECONDS": 0}
    with django_db_blocker.unblock(), override_settings(**quick), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def target(world, django_db_blocker) -> Target:
    with django_db_blocker.unblock():
        return Target(world)
