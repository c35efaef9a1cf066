"""Fluency, copying and ranking accuracy of every arm's rewriter."""

from __future__ import annotations

from results.opened import Opened
from results.rewriters import MEASURES, Skill, skills
from results.source import OVER_PROMPTS, PROMPTS, source
from results.tables.table import Column, Row, Table


def rewriters(page: Opened) -> Table:
    columns = (
        Column("name", "Arm"),
        Column("rewriter", "Rewriter", aside="objective"),
        Column("surprisal", "Surprisal", "bits a character", "rating", "surprisal_interval"),
        Column("repeated", "Repeats", "%", "percent", "repeated_interval"),
        Column("overlap", "Copied", "% of word pairs", "percent", "overlap_interval"),
        Column("verbatim", "Unchanged", "%", "percent", "verbatim_interval"),
        Column("before", "Ranked rightly", "before", "percent"),
        Column("ranking", "Ranked rightly", "now", "percent"),
    )
    return Table(
        "rewriters",
        "Fluency, copying, ranking",
        columns,
        [_row(skill) for skill in skills(page)],
        note="Surprisal: of what a rewrite adds, under characters of the prompt set's texts that are not evaluated; "
        "lower is more fluent. Repeats: word triples said before. Copied: word pairs that are the prompt's. Ranked "
        "rightly: pairs of held-out candidates that the rewriter finds likelier in feedback's order; 50% is chance.",
        source=source(page, PROMPTS, OVER_PROMPTS, 0),
    )


def _row(skill: Skill) -> Row:
    intervals = {f"{name}_interval": skill.intervals[name] for name in MEASURES}
    told = {name: getattr(skill, name) for name in ("arm", "name", "rewriter", "objective", "ranking", "before")}
    return {**told, **skill.values, **intervals}
