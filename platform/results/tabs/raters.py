"""Who voted, how far they agree, and whom the rules or a person left out, with the reason."""

from __future__ import annotations

from typing import Any

from results.opened import Opened
from results.people import lines, population, preference_agreement


def context(page: Opened) -> dict[str, Any]:
    found = lines(page)
    return {
        "lines": found,
        "left_out": [line for line in found if not line.used],
        "simulated": population(page) == "simulated",
        "agreement": preference_agreement(page),
    }
