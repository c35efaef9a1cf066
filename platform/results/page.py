"""What the study page says in words: a verdict, a table, captions. Pure: results in, values for a template out."""

from __future__ import annotations

from typing import Any

from listening.models import Question
from results.statistics import LEVEL, RESAMPLES
from results.templatetags.numbers import ends100, signed100

Results = dict[str, Any]

CAPTIONS = {
    "alignment": (
        "How well the audio fits what users typed",
        "Mean score of each arm against the prompt as given, with its {level:.0%} interval. The original is hollow.",
    ),
    "gains": (
        "What rewriting changes, prompt by prompt",
        "A tick is one prompt: the arm's score minus the original's. The point is the mean, the bar its {level:.0%} "
        "interval; right of the dashed line is better than the original.",
    ),
    "preference": (
        "Which one listeners prefer",
        "Share of votes, a tie counting half, with its {level:.0%} interval over raters and prompts. Right of the "
        "dashed line the first of the pair is preferred. Hollow: simulated raters.",
    ),
}


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


def table(results: Results) -> list[Results]:
    """The arms, each with its contrasts and its preference against the original where there are any."""
    against = {
        (row["arm"], measure): row for measure in ("clap", "oracle") for row in _versus_original(results, measure)
    }
    originals = _originals(results)
    preferred = {row["arm"]: row for row in reversed(results["preference"]) if row["versus"] in originals}
    return [
        arm
        | {
            "clap_gain": against.get((arm["arm"], "clap")),
            "oracle_gain": against.get((arm["arm"], "oracle")),
            "preferred": preferred.get(arm["arm"]),
            "waiting": arm["clap"] is None,
            "partial": arm["clap"] is not None and arm["prompts"] < arm["prompts_wanted"],
        }
        for arm in results["arms"]
    ]


def named(results: Results, key: str) -> list[Results]:
    """The contrasts or preferences of the results, arms by name."""
    names = {arm["arm"]: arm["name"] for arm in results["arms"]}
    return [row | {side: names.get(row[side], row[side]) for side in ("arm", "versus")} for row in results[key]]


def rated(results: Results) -> list[tuple[str, list[Results]]]:
    """The ratings by question, arms by name."""
    names = {arm["arm"]: arm["name"] for arm in results["arms"]}
    questions: dict[str, list[Results]] = {}
    for row in results["ratings"]:
        shown = row | {side: names.get(row[side], row[side]) for side in ("arm", "versus")}
        questions.setdefault(str(Question.Kind(row["question"]).label), []).append(shown)
    return list(questions.items())


def captions(names: list[str], results: Results) -> list[dict[str, str]]:
    """Title, caption and a text for whoever cannot see it, of each figure."""
    return [
        {
            "name": name,
            "title": CAPTIONS[name][0],
            "caption": CAPTIONS[name][1].format(level=LEVEL),
            "source": _source(name, results),
        }
        for name in names
    ]


def _source(name: str, results: Results) -> str:
    how = f"{RESAMPLES:,} bootstrap resamples, seed {results['method']['resampling_seed']}"
    if name != "preference":
        counts = [arm["prompts"] for arm in results["arms"] if arm["prompts"]]
        least, most = min(counts), max(counts)
        return f"n = {most if least == most else f'{least} to {most}'} prompts; {how}."
    rows = results["preference"]
    return f"n = {sum(row['votes'] for row in rows)} votes in {len(rows)} comparisons."


def _originals(results: Results) -> set[str]:
    return {arm["arm"] for arm in results["arms"] if arm["method"] == "original"}


def _versus_original(results: Results, measure: str) -> list[Results]:
    originals = _originals(results)
    return [row for row in results["contrasts"] if row["versus"] in originals and row["measure"] == measure]
