"""Alignment without losing intent: what each setting keeps of plain feedback's gain, and what it loses beside it."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np

from config.experiments import over_seeds
from config.experiments.experiment import Claim, Drawing, Experiment, Findings, Run
from inference.sandbox.vocabulary import still_asked
from results.figures.style import apart, colour, data, finished
from results.measures.pareto import front, knee
from results.statistics import mean_intervals
from results.tables.table import Column, Row, Table
from studies.models import Arm

PLAIN, SETTING = "plain", "best_judged"  # the setting that validation prompts chose
KEPT_GAIN, MOST_LOST = 0.9, 1 / 3
LOSSES = {"kept_terms": "content words", "text_cosine": "cosine", "asked": "the oracle's wishes"}


def find(runs: Sequence[Run]) -> Findings:
    return Findings(
        claims=[
            over_seeds.above("Plain feedback adds CLAP to 0-shot rewriting.", over_seeds.gain(runs, PLAIN, "instruct")),
            gains_enough(runs, SETTING),
            *(loses_little(runs, SETTING, measure) for measure in losses(runs)),
            by_all(runs),
        ],
        tables=[settings(runs), over_seeds.arms(runs)],
        drawings=[trade(runs, measure) for measure in losses(runs)],
        remarks=[
            "A detail that is added moves a rewrite's embedding away from its prompt, though nothing of the prompt is "
            "gone. The cosine cannot tell the two apart; kept words and the oracle's view can.",
            "The setting that validation prompts chose ranks audio by the scorer that teaches, and holds texts to the "
            "cosine of the scorer that judges, the very measure that is reported here. Whether that reading of texts "
            "flatters its CLAP can be seen from the oracle's gain, and from the setting beside it that is held to the "
            "teacher's cosine.",
            "Two weights of it were taken to the test prompts, the stricter first; both are shown.",
        ],
    )


def losses(runs: Sequence[Run]) -> list[str]:
    """What can be measured: only the sandbox's oracle knows what a prompt asks for."""
    return [measure for measure in LOSSES if measure != "asked" or runs[0].page.study.oracle]


def column(run: Run, arm: str, measure: str) -> np.ndarray:
    """What is left of the intent, 0..1: [prompts]."""
    if measure != "asked":
        return run.page.measured.columns[arm, measure]
    found = next(each for each in run.page.arms if each.key == arm)
    texts = [run.page.measured.texts.get((found.pk, prompt)) for prompt in run.page.measured.prompts]
    return np.array([still_asked(*pair) if pair else np.nan for pair in texts])


def gained(runs: Sequence[Run], arm: str, measure: str = "clap") -> list[np.ndarray]:
    """Over the prompts as typed, by seed: [prompts] each."""
    columns = [run.page.measured.columns for run in runs]
    return [each[arm, measure] - each["original", measure] for each in columns]


def lost(runs: Sequence[Run], arm: str, measure: str) -> list[np.ndarray]:
    return [1 - column(run, arm, measure) for run in runs]


def gains_enough(runs: Sequence[Run], arm: str) -> Claim:
    """As a share of the plain gain; the interval is of the difference that the share stands for."""
    ours, theirs = gained(runs, arm), gained(runs, PLAIN)
    spare = [a - KEPT_GAIN * b for a, b in zip(ours, theirs, strict=True)]
    return _claim(
        f"{_name(runs, arm)} keeps at least {KEPT_GAIN:.0%} of plain feedback's gain in CLAP.", ours, theirs, spare
    )


def loses_little(runs: Sequence[Run], arm: str, measure: str) -> Claim:
    ours, theirs = lost(runs, arm, measure), lost(runs, PLAIN, measure)
    spare = [MOST_LOST * b - a for a, b in zip(ours, theirs, strict=True)]
    text = f"{_name(runs, arm)} loses at most a third of what plain feedback loses of {LOSSES[measure]}."
    return _claim(text, ours, theirs, spare)


def by_all(runs: Sequence[Run]) -> Claim:
    """Counted on means: which settings keep enough of the gain, and by which measures they lose little enough."""
    plain = float(np.mean(gained(runs, PLAIN)))
    others = [arm for arm in runs[0].page.rewriting if arm.key not in (PLAIN, "instruct")]
    enough = [arm for arm in others if float(np.mean(gained(runs, arm.key))) >= KEPT_GAIN * plain]
    little = {
        measure: [
            arm.name for arm in enough if _mean(runs, arm.key, measure) <= MOST_LOST * _mean(runs, PLAIN, measure)
        ]
        for measure in losses(runs)
    }
    every = set.intersection(*map(set, little.values()))
    told = "; ".join(f"{LOSSES[measure]}: {', '.join(names) or 'none'}" for measure, names in little.items())
    text = f"Some setting keeps {KEPT_GAIN:.0%} of the gain and loses at most a third of the intent, by every measure."
    return Claim(text, bool(every), f"{len(enough)} of {len(others)} settings keep the gain; of these, by {told}")


def _mean(runs: Sequence[Run], arm: str, measure: str) -> float:
    return float(np.mean(lost(runs, arm, measure)))


def _claim(text: str, ours: list[np.ndarray], theirs: list[np.ndarray], spare: list[np.ndarray]) -> Claim:
    found = over_seeds.summed(spare)
    if found is None:
        return Claim(text, None, "nothing was measured")
    a, b = (float(np.mean(each)) for each in (ours, theirs))
    low, high = (over_seeds.signed(100 * end) for end in found.pooled[1:3])
    alone = sum(one.value >= 0 for one in found.seeds)
    side = over_seeds.above(text, found).held
    told = (
        f"{100 * a:.1f} against {100 * b:.1f}, {a / b:.0%}; to spare {over_seeds.signed(100 * found.pooled.value)} "
        f"[{low}, {high}], {found.pooled.n} prompts; so in {alone} of {len(found.seeds)} seeds"
    )
    return Claim(text, side, told)


def settings(runs: Sequence[Run]) -> Table:
    columns = (
        Column("name", "Setting", aside="stands"),
        Column("gain", "Gain", "CLAP ×100", "signed100", "gain_interval"),
        Column("share", "Of plain", "%", "percent"),
        Column("oracle", "Gain", "oracle ×100", "signed100"),
        *(
            each
            for measure in losses(runs)
            for title in [LOSSES[measure]]
            for each in (
                Column(measure, "Lost", title, "percent"),
                Column(f"{measure}_share", "Of plain", "%", "percent"),
            )
        ),
    )
    rows = [_row(runs, arm) for arm in runs[0].page.rewriting]
    note = "Lost: what is missing to the whole prompt. Of plain: as a share of what plain feedback gains, or loses."
    return Table("settings", "Settings", columns, rows, note=note, source=over_seeds.rests_on(runs))


def _row(runs: Sequence[Run], arm: Arm) -> Row:
    (found,) = mean_intervals(np.mean(gained(runs, arm.key), axis=0)[:, None])
    plain = float(np.mean(gained(runs, PLAIN)))
    row: Row = {"name": arm.name, "gain": found and found.value, "gain_interval": found and found.interval}
    row |= {"share": found and found.value / plain, "oracle": float(np.mean(gained(runs, arm.key, "oracle")))}
    for measure in losses(runs):
        ours, theirs = (_mean(runs, key, measure) for key in (arm.key, PLAIN))
        row |= {measure: ours, f"{measure}_share": ours / theirs if theirs else None}
    return row


def trade(runs: Sequence[Run], measure: str) -> Drawing:
    """A point an arm with its intervals; the front joined, its knee ringed."""
    rows = [_point(runs, arm, measure) for arm in runs[0].page.arms]
    x, y = [row["kept"] for row in rows], [row["clap"] for row in rows]
    best = front(x, y)
    bend = knee(x, y, best)
    rows = [row | {"front": at in best, "knee": at == bend} for at, row in enumerate(rows)]
    names = [row["arm"] for row in rows]
    base = alt.Chart(data(rows)).encode(
        x=alt.X("kept:Q", title=f"Kept of {LOSSES[measure]}, %", scale=alt.Scale(zero=False, padding=14)),
        y=alt.Y("clap:Q", title="CLAP ×100", scale=alt.Scale(zero=False, padding=14), axis=alt.Axis(grid=True)),
        color=colour(names),
    )
    across = base.mark_rule(opacity=0.6).encode(x="kept_low:Q", x2="kept_high:Q")
    along = base.mark_rule(opacity=0.6).encode(y="clap_low:Q", y2="clap_high:Q")
    joined = (
        base.transform_filter("datum.front")
        .mark_line(strokeWidth=1.5)
        .encode(color=alt.value("#565d66"), order="kept:Q")
    )
    dots = base.mark_point(filled=True, size=90, opacity=1).encode(**apart(names))
    ring = base.transform_filter("datum.knee").mark_point(size=280, strokeWidth=2).encode(color=alt.value("#0b6b6b"))
    chart = across + along + joined + dots + ring
    return Drawing(
        f"trade_{measure}",
        f"CLAP against what is kept of {LOSSES[measure]}",
        "A dot is a setting, its bars are 95% intervals. The line joins those that no other one beats in both; the "
        "ring is the knee.",
        over_seeds.rests_on(runs),
        finished(chart.properties(width=520, height=320)),
    )


def _point(runs: Sequence[Run], arm: Arm, measure: str) -> Row:
    columns = np.stack(
        [
            np.mean([column(run, arm.key, measure) for run in runs], axis=0),
            np.mean([run.page.measured.columns[arm.key, "clap"] for run in runs], axis=0),
        ],
        axis=1,
    )
    found = {name: each for name, each in zip(("kept", "clap"), mean_intervals(columns), strict=True) if each}
    ends = {f"{name}_{end}": 100 * getattr(each, end) for name, each in found.items() for end in ("low", "high")}
    return {"arm": arm.name, **{name: 100 * each.value for name, each in found.items()}, **ends}


def _name(runs: Sequence[Run], arm: str) -> str:
    return runs[0].page.names[arm]


EXPERIMENT = Experiment(
    name="pareto",
    title="Alignment without losing intent",
    question="How much of feedback's gain can be had while the user's intent is kept, and by which setting?",
    recipes=("pareto",),
    find=find,
)
