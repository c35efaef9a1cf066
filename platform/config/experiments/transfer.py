"""A rewriter that was tuned for one generator, with another one."""

from __future__ import annotations

from collections.abc import Sequence

from config.experiments import drawings, over_seeds
from config.experiments.experiment import Claim, Experiment, Findings, Run

MAIN, RECIPE = "main", "transfer"


def find(runs: Sequence[Run]) -> Findings:
    here, there = ([run for run in runs if run.recipe == name] for name in (RECIPE, MAIN))
    return Findings(
        claims=[
            over_seeds.above(
                "What another generator taught helps this one.", over_seeds.gain(here, "transferred", "instruct")
            ),
            over_seeds.above(
                "Tuning for this generator brings more.", over_seeds.gain(here, "tuned_here", "transferred")
            ),
            over_seeds.above(
                "Tuning on from the transferred weights beats tuning from the start.",
                over_seeds.gain(here, "tuned_on", "tuned_here"),
            ),
            worth(here, there),
        ],
        tables=[over_seeds.arms(here)],
        drawings=[drawings.gains(here)],
        remarks=[
            "The other generator shares the sounds, and what it is deaf to is drawn at random: its ceiling is lower, "
            "so gains here and there compare as shares of what tuning brings, not as points.",
        ],
    )


def worth(here: Sequence[Run], there: Sequence[Run]) -> Claim:
    """The share of tuning's gain over 0-shot rewriting that the transferred weights bring."""
    text = "Transferred weights bring at least half of what tuning for this generator brings."
    columns = [run.page.measured.columns for run in here]
    spare = [c["transferred", "clap"] - (c["instruct", "clap"] + c["tuned_here", "clap"]) / 2 for c in columns]
    found = over_seeds.summed(spare)
    at_home = over_seeds.gain(there, "instruct_feedback", "instruct")
    moved = over_seeds.gain(here, "transferred", "instruct")
    tuned = over_seeds.gain(here, "tuned_here", "instruct")
    if not (found and at_home and moved and tuned):
        return Claim(text, None, "nothing was measured")
    points = [over_seeds.signed(100 * each.pooled.value) for each in (moved, tuned, at_home)]
    told = f"{points[0]} of {points[1]} CLAP ×100 here; the same weights gained {points[2]} where they were tuned"
    return Claim(text, over_seeds.above(text, found).held, told)


EXPERIMENT = Experiment(
    name="transfer",
    title="A tuned rewriter with another generator",
    question="Does a rewriter that was tuned for one generator help another one, which understands other words?",
    recipes=(MAIN, RECIPE),
    find=find,
)
