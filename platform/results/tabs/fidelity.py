"""Kept, added and lost words of every rewrite, with the numbers beside them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from django.core.paginator import Page, Paginator

from results.difference import Piece, difference
from results.examples import gains_of, looked_at, rewriting
from results.opened import Opened

A_PAGE = 25
ORDERS = {"bleu": "SacreBLEU", "chrf": "chrF", "kept_terms": "words kept", "gain": "gain in CLAP"}


class Line(NamedTuple):
    """One rewrite. bleu, chrf: 0..100; kept_terms, text_cosine, gain: 0..1; None where not measured."""

    prompt: str
    pieces: list[Piece]
    bleu: float | None
    chrf: float | None
    kept_terms: float | None
    text_cosine: float | None
    gain: float | None


def context(page: Opened) -> dict[str, Any]:
    arm = looked_at(page.measured, page.asked.get("arm", ""))
    order = page.asked.get("order", "")
    if arm is None:
        return {"lines": None, "rewriting": []}
    rows = _order(page, arm, order if order in ORDERS else "chrf", reverse=page.asked.get("from") == "high")
    shown: Page = Paginator(rows, A_PAGE).get_page(page.asked.get("page"))
    shown.object_list = [_line(page, arm, row) for row in shown.object_list]
    return {
        "lines": shown,
        "arm": arm,
        "rewriting": rewriting(page.measured),
        "orders": ORDERS,
        "order": order if order in ORDERS else "chrf",
        "high": page.asked.get("from") == "high",
    }


def _order(page: Opened, arm, measure: str, reverse: bool) -> list[int]:
    """Rows of prompts that were rewritten, by a measure; those without it last."""
    values = _gains(page, arm) if measure == "gain" else page.measured.column(arm, measure)
    rows = [row for row, prompt in enumerate(page.measured.prompts) if (arm.pk, prompt) in page.measured.texts]
    sign = -1 if reverse else 1
    return sorted(
        rows, key=lambda row: (np.isnan(values[row]), sign * values[row] if values[row] == values[row] else 0)
    )


def _gains(page: Opened, arm) -> np.ndarray:
    found = gains_of(page.measured, arm)
    return np.full(len(page.measured.prompts), np.nan) if found is None else found


def _line(page: Opened, arm, row: int) -> Line:
    pair = page.measured.texts[arm.pk, page.measured.prompts[row]]
    names = ("bleu", "chrf", "kept_terms", "text_cosine")
    values = {name: _known(page.measured.column(arm, name)[row]) for name in names}
    return Line(prompt=pair.prompt, pieces=difference(*pair), gain=_known(_gains(page, arm)[row]), **values)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
