"""The paper's table, and the verdict above it."""

from __future__ import annotations

from typing import Any

from results import page as words
from results.opened import Opened


def context(page: Opened) -> dict[str, Any]:
    return {"verdict": words.verdict(page.results)}
