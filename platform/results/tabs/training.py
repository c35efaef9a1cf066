"""What each rewriter learned from: its ranked prompts, how training ended, and what it is good at since."""

from __future__ import annotations

from typing import Any

from results.figures.training import checkpoints, label
from results.opened import Opened
from results.rewriters import skills


def context(page: Opened) -> dict[str, Any]:
    ranked = any(skill.ranking is not None for skill in skills(page))
    return {"courses": [_course(page, one) for one in checkpoints(page)], "ranked": ranked}


def _course(page: Opened, one) -> dict[str, Any]:
    last = one.curve[-1] if one.curve else {}
    return {
        "name": label(page, one),
        "parameters": one.parameters,
        "prompts": len(one.ranked),
        "ranked": one.ranked,
        "epochs": max((entry["epoch"] for entry in one.curve), default=0),
        "kept": one.kept.get("epoch"),
        "stopped": last.get("stopped", ""),
        "skipped": last.get("skipped", []),
        "seconds": one.seconds,
    }
