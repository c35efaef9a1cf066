"""How far rewrites leave what was asked, for open prompts and for expert ones, with thresholds."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np

from config.experiments import drawings, over_seeds
from config.experiments.experiment import Claim, Drawing, Experiment, Findings, Run
from results.figures.style import beside, interval_panel
from results.measurements import Measurements, measure
from results.source import OVER_PROMPTS
from results.statistics import Estimate, mean_intervals
from results.tables.table import Column, Row, Table
from studies.fidelity import LOST_INTENT

# Below these a rewrite counts as one that lost the intent. The first is the paper's; the others are ours.
THRESHOLDS = {"bleu": LOST_INTENT, "chrf": 40.0, "kept_terms": 0.9, "text_cosine": 0.7}
LABELS = {
    "bleu": "SacreBLEU < 20",
    "chrf": "chrF < 40",
    "kept_terms": "words kept < 90%",
    "text_cosine": "cosine < .70",
}
CLAIMED, DRAWN = ("kept_terms", "bleu", "text_cosine"), ("bleu", "text_cosine")
ARMS = ("instruct", "instruct_feedback")
FEW = 0.1  # of rewrites: more lost ones than that are too many (ours)
Kinds = dict[str, list[Measurements]]


def find(runs: Sequence[Run]) -> Findings:
    kinds: Kinds = {
        "open": [run.page.measured for run in runs],
        "expert": [measure(run.page.study, control=True) for run in runs],
    }
    return Findings(
        claims=[
            *(few(kinds, kind, arm, name) for name in CLAIMED for kind in kinds for arm in ARMS),
            unharmed(kinds["expert"]),
        ],
        tables=[table(runs, kinds)],
        drawings=[shares(runs, kinds)],
        remarks=[
            "SacreBLEU's threshold is the paper's, the others are ours. A threshold on words kept means "
            "the same for a prompt of two words and for one of twenty.",
            *over_seeds.forced(runs),
        ],
    )


def below(found: Sequence[Measurements], arm: str, name: str) -> Estimate | None:
    """Share of rewrites under the threshold: a prompt counts by the share of seeds in which it is."""
    values = [each.columns[arm, name] for each in found]
    lost = np.mean([np.where(np.isnan(v), np.nan, v < THRESHOLDS[name]) for v in values], axis=0)
    return mean_intervals(lost[:, None])[0]


def few(kinds: Kinds, kind: str, arm: str, name: str) -> Claim:
    found = below(kinds[kind], arm, name)
    who = "0-shot rewriting" if arm == "instruct" else "feedback"
    text = f"Of {kind} prompts, {who} loses at most one in ten by {LABELS[name]}."
    if found is None:
        return Claim(text, None, "nothing was measured")
    held = True if found.high < FEW else False if found.low > FEW else None
    return Claim(text, held, f"{_percent(found)} of {found.n} prompts")


def unharmed(expert: Sequence[Measurements]) -> Claim:
    found = over_seeds.gain_of(expert, "instruct_feedback", "original")
    return over_seeds.above("Expert prompts lose less than 3 points of CLAP by feedback.", found, than=-0.03)


def _percent(found: Estimate) -> str:
    return f"{found.value:.0%} [{found.low:.0%}, {found.high:.0%}]"


def table(runs: Sequence[Run], kinds: Kinds) -> Table:
    columns = (
        Column("arm", "Arm"),
        Column("kind", "Prompts"),
        Column("n", "n", form="count"),
        *(Column(name, label.split(" <")[0], form=form) for (name, label), form in zip(
            LABELS.items(), ("plain", "plain", "percent", "times100"), strict=True)),
        *(Column(f"{name}_below", label, "%", "percent", f"{name}_interval") for name, label in LABELS.items()),
    )  # fmt: skip
    rows = [_row(runs, kind, arm, found) for kind, found in kinds.items() for arm in ARMS]
    note = "Means over rewrites, then the share of rewrites below each threshold."
    return Table("fidelity", "Means, and shares below thresholds", columns, rows, note=note, source=OVER_PROMPTS)


def _row(runs: Sequence[Run], kind: str, arm: str, found: Sequence[Measurements]) -> Row:
    row: Row = {"arm": runs[0].page.names[arm], "kind": kind, "n": len(found[0].prompts)}
    for name in THRESHOLDS:
        lost = below(found, arm, name)
        row |= {name: float(np.nanmean(over_seeds.column(found, arm, name)))}
        row |= {f"{name}_below": lost and lost.value, f"{name}_interval": lost and lost.interval}
    return row


def shares(runs: Sequence[Run], kinds: Kinds) -> Drawing:
    panels: list[alt.LayerChart] = []
    for name in DRAWN:
        rows = [
            drawings.row(f"{runs[0].page.names[arm]}, {kind}", found, 100)
            for kind, measured in kinds.items()
            for arm in ARMS
            if (found := below(measured, arm, name))
        ]
        title = f"Rewrites with {LABELS[name]}, %"
        panels.append(interval_panel(rows, title, labels=not panels, domain=[0, 100]))
    return Drawing(
        "shares",
        "How many rewrites leave the prompt",
        "Share of rewrites below the paper's threshold, and of those whose text is embedded far from the prompt's.",
        over_seeds.rests_on(runs),
        beside(panels, narrow=False),
    )


EXPERIMENT = Experiment(
    name="fidelity_by_kind",
    title="Fidelity by kind of prompt",
    question="How far do rewrites leave what was asked, for open prompts and for expert ones, and how many too far?",
    recipes=("fidelity_by_kind",),
    find=find,
)
