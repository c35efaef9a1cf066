"""The judge that a study's own votes have trained, and whether there are votes enough to train one."""

from __future__ import annotations

from typing import Any

from results.figures.judge import attainable
from results.opened import Opened


def context(page: Opened) -> dict[str, Any]:
    judge = page.judge
    later = page.crowd.votes - judge.measured["votes"] if judge else 0
    return {"judge": judge, "later": max(later, 0), "votes": page.crowd.votes, "attainable": attainable(page)}
