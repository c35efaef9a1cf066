"""Rounds of sampling, ranking and training, with a floor of fidelity and without."""

from __future__ import annotations

from collections.abc import Sequence

from config.experiments import drawings, over_seeds
from config.experiments.experiment import Claim, Experiment, Findings, Run
from results.figures.training import checkpoints
from results.tables.table import Column, Row, Table

ONE, FREE, FLOOR = "one_round", "three_rounds", "three_rounds_floor"


def find(runs: Sequence[Run]) -> Findings:
    return Findings(
        claims=[
            over_seeds.above("Three rounds gain more CLAP than one.", over_seeds.gain(runs, FREE, ONE)),
            over_seeds.above("The floor keeps more of the prompts' words.",
                             over_seeds.gain(runs, FLOOR, FREE, "kept_terms"), "kept_terms"),
            over_seeds.above("It costs at most one point of CLAP.", over_seeds.gain(runs, FLOOR, FREE), than=-0.01),
            over_seeds.above("Three rounds under a floor gain more CLAP than one round without.",
                             over_seeds.gain(runs, FLOOR, ONE)),
            carried(runs),
        ],
        tables=[over_seeds.arms(runs), rounds(runs)],
        drawings=[drawings.gains(runs), *drawings.of_seed(runs[0], "course")],
        remarks=["Every round's checkpoint stays, with its curve: also those that no later one went on from."],
    )  # fmt: skip


def carried(runs: Sequence[Run]) -> Claim:
    """No round that broke the floor has children, or wrote what was evaluated."""
    made = [one for run in runs for one in checkpoints(run.page)]
    broken = [one for one in made if not one.held]
    used = [
        one for one in broken if one.children.exists() or one.rewrites.filter(candidates__purpose="evaluate").exists()
    ]
    text = "No round that broke its floor is carried on, and every one is still there to be read."
    held = not used and all(one.weights and one.curve for one in made)
    return Claim(text, held, f"{len(broken)} of {len(made)} rounds broke their floor, {len(used)} of these were used")


def rounds(runs: Sequence[Run]) -> Table:
    columns = (
        Column("arm", "Arm"),
        Column("seed", "Seed", form="count"),
        Column("round", "Round", form="count"),
        Column("kept", "Kept epoch", form="count"),
        Column("accuracy", "Ranked rightly", form="percent"),
        Column("clap", "Validation CLAP", "×100", "times100"),
        Column("fidelity", "Validation fidelity", form="percent"),
        Column("floor", "Floor"),
    )
    rows = [_row(run, one) for run in runs for one in checkpoints(run.page)]
    note = "Of the epoch that was kept. Arms without validation prompts have no floor and keep their last epoch."
    return Table("rounds", "Every round", columns, rows, note=note)


def _row(run: Run, one) -> Row:
    kept = one.kept
    return {
        "arm": one.arm.name,
        "seed": run.seed,
        "round": one.round + 1,
        "kept": kept.get("epoch"),
        "accuracy": kept.get("ranking_accuracy"),
        "clap": kept.get("clap"),
        "fidelity": kept.get("fidelity"),
        "floor": "" if "fidelity" not in kept else "held" if one.held else "broken",
    }


EXPERIMENT = Experiment(
    name="rounds",
    title="Several rounds, with a floor and without",
    question="What do more rounds of sampling, ranking and training bring, and does a floor of fidelity hold them?",
    recipes=("rounds",),
    find=find,
)
