"""Who was preferred to whom, how sure that is, and how many votes are still wanted."""

from __future__ import annotations

from typing import Any

from listening import query
from results.opened import Opened
from results.voting import why_no_strengths


def context(page: Opened) -> dict[str, Any]:
    return {
        "why_no_strengths": why_no_strengths(page),
        "asked": query.progress(page.study, simulated=page.crowd.simulated),
    }
