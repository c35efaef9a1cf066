"""What child processes of a test need: the test's database, a port that is free."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

from django.db import connection


def database_url() -> str:
    """The address of the test database, for a process of its own."""
    s = connection.settings_dict
    host = s["OPTIONS"].get("host") or s["HOST"]
    return f"postgresql://{s['USER']}:{s['PASSWORD']}@/{s['NAME']}?host={host}"


def alone() -> None:
    """Ends every other connection to the test database, which could not be dropped: some server's thread holds one."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    with connection.cursor() as cursor:
        cursor.execute(f"{others} AND pid <> pg_backend_pid()")


def free() -> int:
    """Of those that no client is given by itself: it would be taken before the server is there that it is meant for."""
    chance = random.SystemRandom()
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", chance.randrange(20_000, 30_000)))
            return probe.getsockname()[1]
