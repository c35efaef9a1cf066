"""CLAP beside what people said, item by item: where the score is higher, is the clip preferred?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from listening import query
from results.measures.correlation import Ceiling, Correlation, attainable, ceiling, correlations
from results.opened import Opened
from results.preference import ordered

PAPER = 0.242  # CLAP with human preference, arXiv 2311.00897


@dataclass(frozen=True)
class Together:
    """items: one a prompt and pair (or a prompt and arm) with x, the score, and y, what people said."""

    what: str
    measure: str
    items: list[dict[str, Any]]
    found: list[Correlation]
    ceiling: Ceiling

    @property
    def attainable(self) -> float | None:
        return None if self.ceiling.value is None else attainable(self.ceiling.value)


def together(page: Opened, measure: str = "clap") -> list[Together]:
    """Preferences by pair, then ratings of single clips, where there are any."""
    return page.kept(f"together {measure}", list[Together], lambda: _together(page, measure))


def _together(page: Opened, measure: str) -> list[Together]:
    return [each for each in (_preferences(page, measure), *_ratings(page, measure)) if each.items]


def _preferences(page: Opened, measure: str) -> Together:
    """x: score of the one arm less that of the other, ×100; y: share of votes for it, %, a tie counting half."""
    rows, arms = _places(page)
    votes: dict[tuple[int, str, str], list[float]] = defaultdict(list)
    wanted = [tuple(pair) for pair in page.study.listening_pairs]
    for vote in page.votes:
        a, b = ordered(vote, wanted)
        votes[vote.prompt, a, b].append(1.0 if vote.winner == a else 0.0 if vote.winner == b else 0.5)
    items = []
    for (prompt, a, b), said in votes.items():
        if prompt not in rows or a not in arms or b not in arms:
            continue
        row = rows[prompt]
        x = page.measured.column(arms[a], measure)[row] - page.measured.column(arms[b], measure)[row]
        pair = f"{page.names[a]} – {page.names[b]}"
        items.append(_item(page, prompt, arms[a], x, 100 * float(np.mean(said)), pair, len(said)))
    return _made("preference", measure, items, list(votes.values()))


def _ratings(page: Opened, measure: str) -> list[Together]:
    """x: score of the arm's clips, ×100; y: mean rating in the unit of its scale."""
    rows, arms = _places(page)
    given: dict[str, dict[tuple[int, str], list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in query.ratings(page.study):
        if row.simulated == page.crowd.simulated and not row.versus and row.prompt in rows and row.arm in arms:
            given[row.kind][row.prompt, row.arm].append(row.value)
    found = []
    for kind, said in given.items():
        items = [
            _item(page, prompt, arms[arm], page.measured.column(arms[arm], measure)[rows[prompt]],
                  float(np.mean(values)), page.names[arm], len(values))
            for (prompt, arm), values in said.items()
        ]  # fmt: skip
        found.append(_made(kind, measure, items, list(said.values())))
    return found


def _places(page: Opened) -> tuple[dict[int, int], dict[str, Any]]:
    return {prompt: row for row, prompt in enumerate(page.measured.prompts)}, {a.key: a for a in page.measured.arms}


def _item(page: Opened, prompt: int, arm, x: float, y: float, group: str, votes: int) -> dict[str, Any]:
    pair = page.measured.texts.get((arm.pk, prompt))
    return {
        "prompt_id": prompt,
        "prompt": pair.prompt if pair else "",
        "arm": group,
        "x": round(100 * float(x), 4),
        "y": round(y, 4),
        "votes": votes,
    }


def _made(what: str, measure: str, items: list, said: list) -> Together:
    items = [item for item in items if not np.isnan(item["x"])]
    ids = np.concatenate([np.full(len(values), at) for at, values in enumerate(said)]) if said else np.array([])
    values = np.concatenate([np.asarray(each, float) for each in said]) if said else np.array([])
    x, y, prompts = (np.array([item[name] for item in items]) for name in ("x", "y", "prompt_id"))
    top = ceiling(ids, values) if len(values) else Ceiling(None, "nobody has voted")
    return Together(what, measure, items, correlations(x, y, prompts) if items else [], top)
