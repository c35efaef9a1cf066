"""Original beside rewrite, to read and to hear: the ten best and the ten worst, or every prompt in order."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator

from results.examples import by_gain, examples, looked_at, rewriting, shown
from results.opened import Opened

EACH = 10
ORDERS = {"": "both ends", "gain": "greatest gains first", "loss": "greatest losses first"}


def context(page: Opened) -> dict[str, Any]:
    arm = looked_at(page.measured, page.asked.get("arm", ""))
    order = page.asked.get("order", "")
    order = order if order in ORDERS else ""
    return {
        "arm": arm,
        "order": order,
        "orders": ORDERS,
        "rewriting": rewriting(page.measured),
        "examples": None if order else examples(page.study, page.measured, arm, each=EACH),
        "every": _every(page, arm, order) if order and arm else None,
    }


def _every(page: Opened, arm, order: str) -> Page:
    rows = by_gain(page.measured, arm)
    part: Page = Paginator(rows if order == "gain" else rows[::-1], EACH).get_page(page.asked.get("page"))
    part.object_list = shown(page.study, page.measured, arm, list(part.object_list))
    return part
