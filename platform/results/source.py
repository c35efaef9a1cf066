"""What numbers rest on, in words: under every figure and table, and in what is taken along of them."""

from __future__ import annotations

from results.measures.correlation import RESAMPLES as BY_PROMPTS
from results.opened import Opened
from results.statistics import LEVEL, RESAMPLES, SEED, VOTE_RESAMPLES

OVER_PROMPTS = f"{LEVEL:.0%} intervals, resampled over prompts, {RESAMPLES:,} times, seed {SEED}."
OVER_VOTES = f"{LEVEL:.0%} intervals, resampled over raters and prompts, {VOTE_RESAMPLES:,} times, seed {SEED}."
CLUSTERED = f"{LEVEL:.0%} intervals, clustered by raters and prompts; nothing is drawn."
OVER_ITEMS = f"{LEVEL:.0%} intervals, resampled over prompts, {BY_PROMPTS:,} times, seed {SEED}."
ACROSS_FOLDS = f"Each fold of prompts by a judge that learned from the others. {OVER_ITEMS}"
NO_INTERVAL = "No interval is drawn."
PROMPTS, REWRITES, VOTES, EPOCHS = "prompts", "rewrites", "votes", "epochs"
ITEMS, RATINGS, SESSIONS, CHECKPOINTS = "items", "ratings", "sessions", "checkpoints"


def source(page: Opened, unit: str, how: str, size: int) -> str:
    """n, unit of resampling, seeds, exclusions. size: of what is shown, where n is neither prompts nor votes."""
    return f"n = {_n(page, unit, size)}. {how} {_left_out(page, unit)} Study seed {page.study.seed}."


def _n(page: Opened, unit: str, size: int) -> str:
    if unit == PROMPTS:
        counts = [arm["prompts"] for arm in page.results["arms"] if arm["prompts"]] or [0]
        least, most = min(counts), max(counts)
        return f"{most} prompts" if least == most else f"{least} to {most} prompts an arm"
    if unit == VOTES:
        who = "simulated raters" if page.crowd.simulated else "raters"
        return f"{page.crowd.votes:,} votes of {page.crowd.raters:,} {who}"
    return f"{size:,} {'values' if unit == EPOCHS else unit}"


def _left_out(page: Opened, unit: str) -> str:
    failed = sum(arm["clips_failed"] for arm in page.results["arms"])
    heard = unit in (VOTES, ITEMS, SESSIONS)
    sessions = page.crowd.excluded if heard else page.results["sessions_excluded"]
    parts = [f"{failed} failed clips"] if failed else []
    parts += [f"{sessions} sessions of raters"] if sessions else []
    return f"Left out: {' and '.join(parts)}." if parts else "Nothing is left out."
