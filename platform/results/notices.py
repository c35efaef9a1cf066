"""Signs that a study's numbers do not mean what they seem to, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from results.fidelity import LOST_INTENT
from results.statistics import votes_needed
from studies.models import Arm, Study

Notice = dict[str, str]
KEPT_ENOUGH = 0.9  # share of content words; ours


def notices(study: Study, results: dict[str, Any]) -> list[Notice]:
    """level "warning": do not trust a number before it is dealt with; "note": what a reader must know."""
    names = {arm["arm"]: arm["name"] for arm in results["arms"]}
    found = [
        *_judge_that_taught(study),
        *_missing(results["arms"]),
        *_lost_intent(results["arms"]),
        *_no_gain(results["arms"], results["contrasts"], names),
        *_votes(results["preference"], names),
    ]
    return sorted(found, key=lambda notice: notice["level"] != "warning")


def _notice(code: str, level: str, title: str, text: str) -> Notice:
    return {"code": code, "level": level, "title": title, "text": text}


def _judge_that_taught(study: Study) -> Iterator[Notice]:
    if study.teaches_and_judges:
        yield _notice(
            "judge-taught",
            "warning",
            "The scorer that taught also judges",
            f"{study.evaluation_scorer.name} ranked the candidates and now scores the result, so CLAP flatters every "
            "arm that learned or chose by it. Run the study with another evaluation scorer before you claim a gain.",
        )


def _missing(arms: list[dict]) -> Iterator[Notice]:
    short = [arm for arm in arms if arm["clips_failed"]]
    if short:
        counts = ", ".join(f"{arm['name']}: {arm['clips_failed']}" for arm in short)
        yield _notice(
            "clips-failed",
            "warning",
            "Some clips could not be made",
            f"{counts}. Arms are compared on the prompts that both have; if failures are not random the comparison is "
            "not fair. Read the reasons in the admin, mend the cause and retry the failed rows.",
        )


def _lost_intent(arms: list[dict]) -> Iterator[Notice]:
    for arm in arms:
        if arm["bleu"] is None or arm["bleu"] >= LOST_INTENT:
            continue
        kept = arm["kept_terms"]
        fine = kept is not None and kept >= KEPT_ENOUGH
        yield _notice(
            "low-bleu",
            "note" if fine else "warning",
            f"{arm['name']}: SacreBLEU {arm['bleu']:.1f} is under {LOST_INTENT:.0f}",
            f"The sign of lost intent in the paper. But {kept:.0%} of the prompts' content words are kept: with short "
            "prompts BLEU punishes what a rewrite adds. Read some rewrites below to be sure."
            if fine
            else f"Rewrites have left the prompts ({_percent(kept)} of content words kept), so a higher CLAP may be "
            "for another wish than the user's. Read the rewrites; train on fewer prompts, for fewer steps, or weigh "
            "fidelity in.",
        )


def _percent(share: float | None) -> str:
    return "unknown share" if share is None else f"{share:.0%}"


def _no_gain(arms: list[dict], contrasts: list[dict], names: dict[str, str]) -> Iterator[Notice]:
    originals = {arm["arm"] for arm in arms if arm["method"] == Arm.Method.ORIGINAL}
    for row in contrasts:
        if row["versus"] not in originals or row["measure"] != "clap" or not row["interval"]:
            continue
        low, high = row["interval"]
        if low <= 0 <= high:
            yield _notice(
                "no-gain",
                "note",
                f"{names[row['arm']]}: no gain shown",
                f"The interval of its difference from {names[row['versus']]} includes zero "
                f"({100 * low:+.1f} to {100 * high:+.1f} CLAP ×100). Four times the prompts halve its width.",
            )
        elif high < 0:
            yield _notice(
                "worse",
                "warning",
                f"{names[row['arm']]} is worse than {names[row['versus']]}",
                f"CLAP ×100 falls by {-100 * high:.1f} to {-100 * low:.1f}. Look at the worst losses below.",
            )


def _votes(preference: list[dict], names: dict[str, str]) -> Iterator[Notice]:
    if any(row["simulated"] for row in preference):
        yield _notice(
            "simulated-votes",
            "note",
            "Simulated raters have voted",
            "Programs that vote by the sandbox's ground truth. They show that the path works and what a listening "
            "test could see; they say nothing about people.",
        )
    for row in preference:
        needed = votes_needed(row["share"]) if abs(row["share"] - 0.5) >= 0.01 else None
        if row["simulated"] or (needed is not None and row["votes"] >= needed):
            continue
        wanted = f"about {needed:,}" if needed is not None else "more than 10,000"
        yield _notice(
            "few-votes",
            "note",
            f"{names.get(row['arm'], row['arm'])} vs {names.get(row['versus'], row['versus'])}: few votes",
            f"{row['votes']} votes. A preference of {row['share']:.0%} needs {wanted} to be told from chance "
            "(α .05, power .8). Invite more raters before you claim it.",
        )
