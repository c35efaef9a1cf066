"""Whether CLAP says what people say, and how well any score could."""

from __future__ import annotations

from typing import Any

from results.going_together import PAPER, together
from results.opened import Opened


def context(page: Opened) -> dict[str, Any]:
    found = [each for measure in ("clap", "oracle") if page.measured.has(measure) for each in together(page, measure)]
    return {"together": found, "paper": PAPER}
