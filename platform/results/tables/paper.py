"""The paper's table with this study's arms in it, and which of its figures may be held beside ours."""

from __future__ import annotations

from typing import Any, NamedTuple

from results.going_together import PAPER as CORRELATION
from results.opened import Opened
from results.source import OVER_PROMPTS, PROMPTS, source
from results.tables.arms import ARM, gain_of, heard_of
from results.tables.table import Column, Row, Table
from studies.fidelity import LOST_INTENT
from studies.models import Arm

WHO = "arXiv 2311.00897"
# Instruct+Feedback over the prompts as typed: the least and the most that the paper reports of any of its settings.
CLAP = (0.0158, 0.0259)
RELEVANCE = (1.53, 3.71)
LEAD = (0.104, 0.316)
COMPARES = "What compares with the paper"


class Known(NamedTuple):
    """One figure of the paper and what may be said of ours beside it."""

    figure: str
    there: str
    here: str
    comparable: str
    why: str


def paper(page: Opened) -> Table:
    """CLAP, Δ, relevance, preference and SacreBLEU an arm, the paper's own rows below."""
    columns = (
        ARM,
        Column("clap", "CLAP", "×100", "times100", "clap_interval", always=True),
        Column("gain", "Δ", "×100", "signed100", "gain_interval", toned=True, always=True),
        Column("relevance", "Relevance", "0–100", "plain", "relevance_interval", always=True),
        Column("relevance_gain", "Δ", "points", "signed", always=True),
        Column("lead", "Preference", "Δ %", "signed_percent", "lead_interval", toned=True, aside="votes", always=True),
        Column("bleu", "SacreBLEU", "0–100", "plain", "bleu_interval", always=True),
    )
    ours = [_ours(page, arm) for arm in page.results["arms"] if arm["clap"] is not None]
    return Table(
        "paper",
        "In the paper's layout",
        columns,
        [*ours, *_theirs()] if ours else [],
        note="Δ: over the prompts as typed. Preference: votes for the arm less votes for the original, as a share of "
        f"all. Rows of {WHO} hold the least and the most that it reports of Instruct+Feedback; which of them compare "
        "with ours is said below.",
        source=source(page, PROMPTS, OVER_PROMPTS, 0),
    )


def _ours(page: Opened, arm: dict[str, Any]) -> Row:
    heard = heard_of(page, arm["arm"])
    row = {**arm, "standing": "", **gain_of(page, arm["arm"]), **heard, "relevance_gain": _rated(page, heard)}
    if heard["preferred"] is None:
        return row
    interval = heard["preferred_interval"]
    return row | {
        "lead": 2 * heard["preferred"] - 1,
        "lead_interval": interval and [2 * end - 1 for end in interval],
    }


def _rated(page: Opened, heard: Row) -> float | None:
    """How much more relevant than the original listeners found it, in points; None where nobody was asked."""
    originals = [heard_of(page, key)["relevance"] for key in page.originals]
    if heard["relevance"] is None or not originals or originals[0] is None or heard["relevance"] == originals[0]:
        return None
    return heard["relevance"] - originals[0]


def _theirs() -> list[Row]:
    ends = (("least", 0), ("most", 1))
    rows: list[Row] = [
        {
            "arm": f"paper {name}",
            "name": f"Instruct+Feedback, {name}",
            "standing": WHO,
            "gain": CLAP[at],
            "relevance_gain": RELEVANCE[at],
            "lead": LEAD[at],
        }
        for name, at in ends
    ]
    return [*rows, {"arm": "paper lost", "name": "Intent counts as lost below", "standing": WHO, "bleu": LOST_INTENT}]


def comparable(page: Opened) -> Table:
    columns = (
        Column("figure", "Figure"),
        Column("there", "In the paper"),
        Column("here", "Here"),
        Column("comparable", "Comparable"),
        Column("why", "Why"),
    )
    learnt = next((arm for arm in page.arms if arm.method == Arm.Method.INSTRUCT_FEEDBACK), None)
    measured = {arm["arm"] for arm in page.results["arms"] if arm["clap"] is not None}
    if learnt is None or learnt.key not in measured or not page.originals:
        return Table("comparable", COMPARES, columns, [])
    return Table(
        "comparable",
        COMPARES,
        columns,
        [known._asdict() for known in _known(page, learnt)],
        note=f"Here: {learnt.name}, over the prompts as typed. {WHO} does not describe its listening test.",
        source=source(page, PROMPTS, OVER_PROMPTS, 0),
    )


def _known(page: Opened, arm: Arm) -> list[Known]:
    gain, heard = gain_of(page, arm.key), heard_of(page, arm.key)
    bleu = next(row["bleu"] for row in page.results["arms"] if row["arm"] == arm.key)
    study, lead, rated = page.study, heard["preferred"], _rated(page, heard)
    sealed = study.evaluation_scorer.checkpoint.startswith("sandbox:")
    world = "a sealed sound world, whose CLAP has a scale of its own" if sealed else "other models than the paper's"
    models = f"scored by {study.evaluation_scorer}, made by {study.generator}: {world}"
    asked = "asked of listeners on a scale; the paper calls its score objective and does not say how it is made"
    people = "programs voted, by the oracle" if page.crowd.simulated else "how the paper turns votes into % is not said"
    return [
        Known("CLAP, Δ ×100", _range(CLAP, 100), _told(gain["gain"], 100), "sign, not size", models),
        Known("Relevance, Δ points", _range(RELEVANCE), _told(rated), "no", asked),
        Known("Preference, Δ %", _range(LEAD, 100), _told(lead and 2 * lead - 1, 100), "sign, not size", people),
        Known("SacreBLEU", f"lost below {LOST_INTENT:.0f}", _told(bleu, sign=""), "yes",
              "the same metric and threshold; it falls faster for shorter prompts, whoever rewrites them"),
        Known("r of CLAP and preference", f"{CORRELATION}", "see the tab Correlation", "with the ceiling beside it",
              "items, votes an item and raters' agreement, which bound it, are not described"),
    ]  # fmt: skip


def _range(ends: tuple[float, float], times: float = 1) -> str:
    return f"+{times * ends[0]:.4g} to +{times * ends[1]:.4g}"


def _told(value: float | None, times: float = 1, sign: str = "+") -> str:
    return "not measured" if value is None else f"{times * value:{sign}.1f}".replace("-", "−")
