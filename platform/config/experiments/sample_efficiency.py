"""How many ranked prompts feedback needs: the curve, where it levels off, and fidelity beside it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import altair as alt

from config.experiments import drawings, over_seeds
from config.experiments.experiment import Claim, Drawing, Experiment, Findings, Run
from results.figures.style import finished
from results.figures.training import learned_from
from results.tables.table import Column, Row, Table
from studies.models import Arm

PAPER = 10  # training prompts at which the paper's gains level off


def find(runs: Sequence[Run]) -> Findings:
    arms = sizes(runs)
    return Findings(
        claims=[*steps(runs, arms), level_off(runs, arms), *intent(runs, arms)],
        tables=[table(runs, arms)],
        drawings=[curve(runs, arms)],
        remarks=[
            "A larger N holds the smaller one's prompts and is trained on each of them as often: more prompts are more "
            "steps, too. What levels off is both together.",
            *over_seeds.forced(runs),
        ],
    )


def sizes(runs: Sequence[Run]) -> list[tuple[int, Arm]]:
    """(N, arm), the smallest first."""
    found = [(n, arm) for arm in runs[0].page.rewriting if (n := learned_from(arm)) is not None]
    return sorted(found, key=lambda each: each[0])


def steps(runs: Sequence[Run], arms: list[tuple[int, Arm]]) -> list[Claim]:
    return [
        over_seeds.above(f"From N = {fewer} to N = {n}, CLAP gains.", over_seeds.gain(runs, arm.key, less.key))
        for (fewer, less), (n, arm) in pairwise(arms)
    ]


def levels_at(runs: Sequence[Run], arms: list[tuple[int, Arm]]) -> int:
    """The smallest N after which no larger one is surely better than it."""
    for n, arm in arms:
        later = [over_seeds.gain(runs, other.key, arm.key) for m, other in arms if m > n]
        if not any(found and found.pooled.low > 0 for found in later):
            return n
    return arms[-1][0]


def level_off(runs: Sequence[Run], arms: list[tuple[int, Arm]]) -> Claim:
    at = levels_at(runs, arms)
    text = f"The gain levels off by N = {PAPER}, as the paper reports."
    return Claim(text, at <= PAPER, f"no larger N is surely better than N = {at}; every smaller one has a better one")


def intent(runs: Sequence[Run], arms: list[tuple[int, Arm]]) -> list[Claim]:
    (_, first), (n, last) = arms[0], arms[-1]
    bleu, kept = (over_seeds.gain(runs, last.key, first.key, measure) for measure in ("bleu", "kept_terms"))
    return [
        over_seeds.above(f"Up to N = {n}, SacreBLEU does not fall below that of 0-shot rewriting.", bleu, "bleu"),
        over_seeds.above(f"Up to N = {n}, rewrites keep at least 95% as many of the prompt's words.", kept,
                         "kept_terms", -0.05),
    ]  # fmt: skip


def table(runs: Sequence[Run], arms: list[tuple[int, Arm]]) -> Table:
    columns = (
        Column("n", "N", form="count"),
        Column("clap", "CLAP", "×100", "times100", "clap_interval"),
        Column("gain", "Gain", "over original", "signed100", "gain_interval"),
        Column("step", "Step", "from the N before", "signed100", "step_interval"),
        Column("oracle", "Oracle", "×100", "times100"),
        Column("bleu", "SacreBLEU", "0–100", "plain"),
        Column("kept_terms", "Words kept", "%", "percent"),
        Column("by_seed", "Gain by seed", "×100"),
    )
    found = {row["arm"]: row for row in over_seeds.rows_of([run.page.measured for run in runs], "original")}
    rows = [{**found[arm.key], "n": n, **_step(runs, arms, at)} for at, (n, arm) in enumerate(arms)]
    return Table("efficiency", "Gain by number of ranked prompts", columns, rows, source=over_seeds.rests_on(runs))


def _step(runs: Sequence[Run], arms: list[tuple[int, Arm]], at: int) -> Row:
    found = over_seeds.gain(runs, arms[at][1].key, arms[at - 1][1].key) if at else None
    return {"step": found.pooled.value, "step_interval": found.pooled.interval} if found else {}


def curve(runs: Sequence[Run], arms: list[tuple[int, Arm]]) -> Drawing:
    rows: list[Row] = []
    dots: list[Row] = []
    for n, arm in arms:
        if found := over_seeds.gain(runs, arm.key, "original"):
            rows.append({"x": n, **drawings.row(arm.name, found.pooled, 100)})
            dots += [{"x": n, "value": 100 * one.value} for one in found.seeds]
    x = alt.X("x:Q", title="Ranked prompts, N", axis=alt.Axis(values=[n for n, _ in arms]))
    gained = drawings.curve(rows, dots, x, "Gain in CLAP ×100").properties(width=300, height=260)
    return Drawing(
        "curve",
        "Gain and fidelity by number of ranked prompts",
        "Left: gain over the prompts as typed, with 95% intervals over prompts; small rings are single seeds. "
        "Right: SacreBLEU of prompt and rewrite.",
        over_seeds.rests_on(runs),
        finished(alt.hconcat(gained, _fidelity(runs, arms, x), spacing=40)),
    )


def _fidelity(runs: Sequence[Run], arms: list[tuple[int, Arm]], x: alt.X) -> alt.LayerChart:
    rows: list[Row] = []
    dots: list[Row] = []
    for n, arm in arms:
        if found := over_seeds.means(runs, arm.key, "bleu"):
            rows.append({"x": n, **drawings.row(arm.name, found.pooled)})
            dots += [{"x": n, "value": one.value} for one in found.seeds]
    return drawings.curve(rows, dots, x, "SacreBLEU").properties(width=300, height=260)


EXPERIMENT = Experiment(
    name="sample_efficiency",
    title="Sample efficiency",
    question="How many ranked prompts does feedback need, where does its gain level off, and what does fidelity do "
    "meanwhile?",
    recipes=("sample_efficiency",),
    find=find,
)
