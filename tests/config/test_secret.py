"""The secret of an installation that was given none."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from config import settings


def test_processes_that_start_together_have_one_and_its_owner_alone_reads_it(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA", tmp_path / "data")
    together = threading.Barrier(8)

    def started(_) -> str:
        together.wait()
        return settings._local_secret()

    with ThreadPoolExecutor(8) as pool:
        (secret,) = set(pool.map(started, range(8)))

    assert len(secret) == 64 and settings._local_secret() == secret
    assert [(path.name, path.stat().st_mode & 0o777) for path in settings.DATA.iterdir()] == [("secret-key", 0o600)]
