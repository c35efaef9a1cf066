"""The paper's table, and what lies behind its columns: differences, fidelity, every rewrite."""

from __future__ import annotations

from typing import Any

import numpy as np

from listening.models import Question
from results.opened import Opened
from results.source import NO_INTERVAL, OVER_PROMPTS, PROMPTS, REWRITES, source
from results.tables.table import Column, Row, Table

ARM = Column("name", "Arm", aside="standing")


def summary(page: Opened) -> Table:
    """CLAP, gain, relevance, preference and SacreBLEU an arm: the layout of the paper's table 1."""
    columns = (
        ARM,
        Column("prompts", "Prompts", form="count", aside="of", spare=True),
        Column("clap", "CLAP", "×100", "times100", "clap_interval", always=True),
        Column("gain", "Gain", "×100", "signed100", "gain_interval", toned=True),
        Column("relative", "Δ", "%", "signed_percent", "relative_interval", toned=True),
        Column("p_holm", "p", "Holm", "p"),
        Column("oracle", "Oracle", "×100", "times100", "oracle_interval"),
        Column("oracle_gain", "Gain", "oracle", "signed100", "oracle_gain_interval", toned=True),
        Column("relevance", "Relevance", "0–100", "plain", "relevance_interval"),
        Column("preferred", "Preferred", "to original", "percent", "preferred_interval", aside="votes"),
        Column("bleu", "BLEU", "0–100", "plain"),
        Column("kept_terms", "Terms", "kept", "percent"),
    )
    return Table(
        "arms",
        "Arms",
        columns,
        [_arm(page, arm) for arm in page.results["arms"]],
        note="CLAP compares the audio with the prompt as typed, whatever the arm made of it. Gain: over the original, "
        "on the same prompts with the same audio seeds; Δ: the same as a share of the original's CLAP; p: by random "
        "sign flips, adjusted after Holm. Coloured where the interval leaves zero out.",
        source=source(page, PROMPTS, OVER_PROMPTS, 0),
        waiting=lambda row: row["clap"] is None,
    )


def _arm(page: Opened, arm: dict[str, Any]) -> Row:
    part = arm["prompts"] < arm["prompts_wanted"]
    return (
        arm
        | gain_of(page, arm["arm"])
        | heard_of(page, arm["arm"])
        | {
            "standing": (arm["stage"] or "waiting") if arm["clap"] is None else "",
            "of": f"of {arm['prompts_wanted']}" if part else "",
        }
    )


def gain_of(page: Opened, arm: str) -> Row:
    """Of an arm over the original, by the judge and by the oracle; Nones where nothing is compared."""
    rows = {row["measure"]: row for row in page.results["contrasts"] if row["arm"] == arm and _to_original(page, row)}
    clap, oracle = rows.get("clap", {}), rows.get("oracle", {})
    return {
        "gain": clap.get("difference"),
        "gain_interval": clap.get("interval"),
        "relative": clap.get("relative"),
        "relative_interval": clap.get("relative_interval"),
        "p_holm": clap.get("p_holm"),
        "oracle_gain": oracle.get("difference"),
        "oracle_gain_interval": oracle.get("interval"),
    }


def heard_of(page: Opened, arm: str) -> Row:
    """What listeners said of an arm: people before simulated raters."""
    votes = [row for row in page.results["preference"] if row["arm"] == arm and _to_original(page, row)]
    rated = [row for row in page.results["ratings"] if row["arm"] == arm and row["question"] == Question.Kind.RELEVANCE]
    found: Row = {"preferred": None, "relevance": None, "votes": ""}
    if votes:
        who = " simulated" if votes[0]["simulated"] else ""
        found |= {"preferred": votes[0]["share"], "preferred_interval": votes[0]["interval"]}
        found |= {"votes": f"{votes[0]['votes']:,}{who}"}
    if rated:
        found |= {"relevance": rated[0]["mean"], "relevance_interval": rated[0]["interval"]}
    return found


def _to_original(page: Opened, row: dict[str, Any]) -> bool:
    return row["versus"] in page.originals


COMPARED = (
    Column("arm", "Arm"),
    Column("versus", "Against"),
    Column("measure", "Measure"),
    Column("difference", "Difference", "×100", "signed100", "interval", toned=True),
    Column("relative", "Δ", "%", "signed_percent", "relative_interval", toned=True),
    Column("p", "p", form="p"),
    Column("p_holm", "p", "Holm", "p"),
    Column("prompts", "Prompts", form="count"),
)


def _named(page: Opened, rows: list[dict[str, Any]]) -> list[Row]:
    return [row | {side: page.names[row[side]] for side in ("arm", "versus")} for row in rows]


def control(page: Opened) -> Table:
    rows = [row for row in page.results["control"] if _to_original(page, row)]
    return Table(
        "control",
        "Expert prompts, the control",
        COMPARED,
        _named(page, rows),
        note="Captions as experts write them, evaluated beside the study's prompts and in no other number. Rewriting "
        "need not help them; where it harms them, a rewriter has learnt open prompts by heart.",
        source=source(page, "expert prompts", OVER_PROMPTS, max((row["prompts"] for row in rows), default=0)),
    )


def contrasts(page: Opened) -> Table:
    return Table(
        "contrasts",
        "All differences between arms",
        COMPARED,
        _named(page, page.results["contrasts"]),
        note="On the same prompts with the same audio seeds. p: by random sign flips of the paired differences; then "
        "adjusted after Holm over the comparisons of one measure.",
        source=source(page, PROMPTS, OVER_PROMPTS, 0),
    )


def fidelity(page: Opened) -> Table:
    columns = (
        ARM,
        Column("bleu", "SacreBLEU", "0–100", "plain", "bleu_interval"),
        Column("chrf", "chrF", "0–100", "plain", "chrf_interval"),
        Column("kept_terms", "Words kept", "%", "percent", "kept_terms_interval"),
        Column("text_cosine", "Cosine", "×100", "times100", "text_cosine_interval"),
    )
    return Table(
        "fidelity",
        "What is left of the prompts",
        columns,
        [arm | {"standing": ""} for arm in page.results["arms"] if arm["bleu"] is not None],
        note="Means over rewrites, each against its own prompt. Cosine: of prompt and rewrite as the judging scorer "
        "reads them.",
        source=source(page, PROMPTS, OVER_PROMPTS, 0),
    )


MEASURED = ("bleu", "chrf", "kept_terms", "text_cosine", "clap")


def rewrites(page: Opened) -> Table:
    """Every rewrite of every arm, with its numbers; to take along: pages show them arm by arm."""
    columns = (
        Column("arm", "Arm"),
        Column("prompt", "Prompt"),
        Column("rewrite", "Rewrite"),
        Column("bleu", "BLEU", form="plain"),
        Column("chrf", "chrF", form="plain"),
        Column("kept_terms", "Kept", form="percent"),
        Column("text_cosine", "Cosine", "×100", "times100"),
        Column("clap", "CLAP", "×100", "times100"),
    )
    rows = [
        {"arm": arm.name, "prompt": pair.prompt, "rewrite": pair.rewrite}
        | {name: _known(page.measured.column(arm, name)[at]) for name in MEASURED}
        for arm in page.rewriting
        for at, prompt in enumerate(page.measured.prompts)
        if (pair := page.measured.texts.get((arm.pk, prompt)))
    ]
    return Table("rewrites", "Every rewrite", columns, rows, source=source(page, REWRITES, NO_INTERVAL, len(rows)))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)
