"""What child processes of a test need: the test's database, a port that is free."""

from __future__ import annotations

import socket

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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
