"""What the study page says in words: a verdict. Pure: results in, values for a template out."""

from __future__ import annotations

from typing import Any

from results.statistics import LEVEL
from results.templatetags.numbers import ends100, signed100

Results = dict[str, Any]


def verdict(results: Results) -> dict[str, str] | None:
    """The study's answer in one sentence, by the judging scorer; None while nothing can be compared.

    tone: "good" where an interval lies above zero, "open" where none does, "bad" where the best lies below it.
    """
    names = {arm["arm"]: arm["name"] for arm in results["arms"]}
    gains = [row for row in _versus_original(results, "clap") if row["interval"]]
    if not gains:
        return None
    best = max(gains, key=lambda row: row["difference"])
    low, high = best["interval"]
    gain, interval = signed100(best["difference"]), ends100(best["interval"])
    numbers = f"CLAP ×100 {gain}, {LEVEL:.0%} interval {interval}, {best['prompts']} prompts"
    if low > 0:
        said = f"{names[best['arm']]} fits what users asked for better than their own prompts do"
        return {"tone": "good", "text": said, "numbers": numbers}
    if high < 0:
        return {"tone": "bad", "text": "Every rewriting fits worse than the prompts as typed", "numbers": numbers}
    said = "No rewriting shows a sure gain over the prompts as typed"
    return {"tone": "open", "text": said, "numbers": f"best: {names[best['arm']]}, {numbers}"}


def _originals(results: Results) -> set[str]:
    return {arm["arm"] for arm in results["arms"] if arm["method"] == "original"}


def _versus_original(results: Results, measure: str) -> list[Results]:
    originals = _originals(results)
    return [row for row in results["contrasts"] if row["versus"] in originals and row["measure"] == measure]
