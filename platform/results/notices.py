"""Signs that a study's numbers do not mean what they seem to, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from results.statistics import votes_needed
from results.templatetags.numbers import ends100
from studies.fidelity import LOST_INTENT
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
        *_excluded(results["sessions_excluded"]),
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
    low = [arm for arm in arms if arm["bleu"] is not None and arm["bleu"] < LOST_INTENT]
    kept = [arm for arm in low if (arm["kept_terms"] or 0) >= KEPT_ENOUGH]
    lost = [arm for arm in low if arm not in kept]
    if lost:
        yield _notice(
            "low-bleu",
            "warning",
            f"{_names(lost)}: rewrites have left the prompts",
            f"{_fidelities(lost)}. SacreBLEU under {LOST_INTENT:.0f} is the paper's sign of lost intent, and words are "
            "missing too: a higher CLAP may be for another wish than the user's. Read the rewrites; train on fewer "
            "prompts, for fewer steps, or weigh fidelity in.",
        )
    if kept:
        yield _notice(
            "low-bleu",
            "note",
            f"{_names(kept)}: SacreBLEU under {LOST_INTENT:.0f}",
            f"{_fidelities(kept)}. The paper's sign of lost intent; but nearly all content words are kept, and with "
            "short prompts BLEU punishes whatever a rewrite adds. Read some rewrites below to be sure.",
        )


def _names(arms: list[dict]) -> str:
    return ", ".join(arm["name"] for arm in arms)


def _fidelities(arms: list[dict]) -> str:
    return "; ".join(
        f"{arm['name']} {arm['bleu']:.1f}, {_percent(arm['kept_terms'])} of content words kept" for arm in arms
    )


def _percent(share: float | None) -> str:
    return "unknown share" if share is None else f"{share:.0%}"


def _no_gain(arms: list[dict], contrasts: list[dict], names: dict[str, str]) -> Iterator[Notice]:
    originals = {arm["arm"] for arm in arms if arm["method"] == Arm.Method.ORIGINAL}
    rows = [row for row in contrasts if row["versus"] in originals and row["measure"] == "clap" and row["interval"]]
    unsure = [row for row in rows if row["interval"][0] <= 0 <= row["interval"][1]]
    worse = [row for row in rows if row["interval"][1] < 0]
    if worse:
        yield _notice(
            "worse",
            "warning",
            f"Worse than the original: {', '.join(names[row['arm']] for row in worse)}",
            f"{_ranges(worse, names)}. Look at the greatest losses below before you use such a rewriter.",
        )
    if unsure:
        yield _notice(
            "no-gain",
            "note",
            f"No gain shown: {', '.join(names[row['arm']] for row in unsure)}",
            f"The interval of the difference from the original includes zero. {_ranges(unsure, names)}. "
            "Four times the prompts would halve its width.",
        )


def _ranges(rows: list[dict], names: dict[str, str]) -> str:
    return "; ".join(f"{names[row['arm']]} {ends100(row['interval'])} CLAP ×100" for row in rows)


def _excluded(sessions: int) -> Iterator[Notice]:
    if sessions:
        yield _notice(
            "excluded",
            "note",
            f"{sessions} session{'s' if sessions > 1 else ''} of raters not used",
            "Their votes are in no figure here and their places were given to others. Who was excluded, by which rule "
            "or by whom, is written down with the listening test's raters; each can be taken back there.",
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
