"""Fine-tuning on five ranked prompts, an epoch at a time: what CLAP gains and what SacreBLEU loses."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import altair as alt

from config.experiments import drawings, over_seeds, votes
from config.experiments.experiment import Claim, Drawing, Experiment, Findings, Run
from results.figures.style import colour, data, finished
from results.figures.training import checkpoints
from results.tables.table import Column, Row, Table
from studies.fidelity import LOST_INTENT

ARM = "ranked_five"


def find(runs: Sequence[Run]) -> Findings:
    gained = over_seeds.gain(runs, ARM, "instruct")
    by_oracle = over_seeds.gain(runs, ARM, "instruct", "oracle")
    bleu = over_seeds.gain(runs, ARM, "instruct", "bleu")
    return Findings(
        claims=[
            over_seeds.above("Five ranked prompts add CLAP to 0-shot rewriting.", gained),
            over_seeds.above("Five ranked prompts add relevance by the oracle.", by_oracle, "oracle"),
            over_seeds.above("They do so without a loss of SacreBLEU.", bleu, "bleu"),
            over_seeds.level(f"SacreBLEU stays above {LOST_INTENT:.0f}, the paper's sign of lost intent.", runs, ARM,
                             "bleu", LOST_INTENT),
            traded(runs),
            *votes.preferred("Listeners prefer what was learnt to 0-shot rewriting.", runs, ARM, "instruct"),
        ],
        tables=[over_seeds.arms(runs), epochs(runs), *votes.table(runs)],
        drawings=[course(runs), drawings.gains(runs)],
        remarks=[
            "Epochs are measured on 20 validation prompts with one clip each, by the CLAP that teaches; the table of "
            "arms is of test prompts, by the CLAP that judges.",
        ],
    )  # fmt: skip


def traded(runs: Sequence[Run]) -> Claim:
    """Between the untrained rewriter and the last epoch, in every seed."""
    ends = [(curve[0], curve[-1]) for curve in curves(runs).values()]
    changes = [(last["clap"] - first["clap"], last["fidelity"] - first["fidelity"]) for first, last in ends]
    parted = sum(clap > 0 > bleu for clap, bleu in changes)
    told = "; ".join(f"{over_seeds.signed(100 * c)} CLAP, {over_seeds.signed(100 * b)} SacreBLEU" for c, b in changes)
    held = True if parted == len(changes) else False if parted == 0 else None
    text = "On validation prompts CLAP climbs while SacreBLEU falls, from before training to the last epoch."
    return Claim(text, held, f"in {parted} of {len(changes)} seeds: {told}")


def curves(runs: Sequence[Run]) -> dict[int, list[Row]]:
    """Epochs that were validated, by seed."""
    return {
        run.seed: [entry for entry in one.curve if "clap" in entry]
        for run in runs
        for one in checkpoints(run.page)
        if one.arm.key == ARM
    }


def epochs(runs: Sequence[Run]) -> Table:
    columns = (
        Column("epoch", "Epoch", form="count"),
        Column("clap", "Validation CLAP", "×100", "times100"),
        Column("bleu", "SacreBLEU", "0–100", "times100"),
        Column("kept", "Kept in seeds"),
    )
    found = curves(runs)
    numbers = sorted({entry["epoch"] for curve in found.values() for entry in curve})
    rows = [_epoch(number, found) for number in numbers]
    note = "Means over seeds on validation prompts; epoch 0 is before training."
    return Table("epochs", "An epoch at a time", columns, rows, note=note)


def _epoch(number: int, found: dict[int, list[Row]]) -> Row:
    entries = [(seed, entry) for seed, curve in found.items() for entry in curve if entry["epoch"] == number]
    return {
        "epoch": number,
        "clap": fmean(entry["clap"] for _, entry in entries),
        "bleu": fmean(entry["fidelity"] for _, entry in entries),
        "kept": ", ".join(str(seed) for seed, entry in entries if entry.get("kept")),
    }


def course(runs: Sequence[Run]) -> Drawing:
    rows = [
        {"arm": f"seed {seed}", "epoch": e["epoch"], "clap": 100 * e["clap"], "bleu": 100 * e["fidelity"],
         "kept": bool(e.get("kept"))}
        for seed, curve in curves(runs).items()
        for e in curve
    ]  # fmt: skip
    base = alt.Chart(data(rows)).encode(
        x=alt.X("bleu:Q", title="SacreBLEU of prompt and rewrite", scale=alt.Scale(zero=False)),
        y=alt.Y("clap:Q", title="Validation CLAP ×100", scale=alt.Scale(zero=False), axis=alt.Axis(grid=True)),
        color=colour(list(dict.fromkeys(row["arm"] for row in rows))),
    )
    lines = base.mark_line(point=alt.OverlayMarkDef(size=40)).encode(order="epoch:Q")
    names = base.mark_text(dx=9, dy=-7, fontSize=11).encode(text="epoch:N")
    kept = base.transform_filter("datum.kept").mark_point(size=190, strokeWidth=2)
    return Drawing(
        "course",
        "CLAP against SacreBLEU, an epoch at a time",
        "A dot is an epoch, by its number; 0 is the rewriter before training, the ring the epoch that was kept.",
        f"n = 20 validation prompts, {len({row['arm'] for row in rows})} seeds. No interval is drawn.",
        finished((lines + names + kept).properties(width=560, height=320)),
    )


EXPERIMENT = Experiment(
    name="ranked_five",
    title="Five ranked prompts: CLAP against SacreBLEU",
    question="What does fine-tuning on five ranked prompts gain in CLAP, and what does it cost in SacreBLEU?",
    recipes=("ranked_five",),
    find=find,
    raters=6,
)
