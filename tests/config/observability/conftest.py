"""A database that is away."""

from __future__ import annotations

import pytest
from django.db import connections

from tests.servers import free

SECRET = "hunter2"


@pytest.fixture
def no_database(django_db_blocker):
    """A database that refuses: nothing listens on its port."""
    connection = connections["default"]
    before = dict(connection.settings_dict)
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": free(), "PASSWORD": SECRET}
        connection.settings_dict["OPTIONS"] = {"connect_timeout": 2}
        yield
        connection.close()
        connection.settings_dict.update(before)
