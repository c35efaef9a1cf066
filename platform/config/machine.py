"""What numbers were measured on."""

from __future__ import annotations

import os
import platform
from typing import Any


def machine() -> dict[str, Any]:
    """busy: processes that ran or waited on average in the last five minutes, the caller's own among them."""
    return {
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "busy": round(os.getloadavg()[1], 1),
    }
