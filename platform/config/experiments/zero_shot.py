"""0-shot rewriting of held-out user prompts against the prompts as typed."""

from __future__ import annotations

from collections.abc import Sequence

from config.experiments import drawings, over_seeds, votes
from config.experiments.experiment import Experiment, Findings, Run

TEXT = "0-shot rewriting fits what users asked for better than their prompts as typed"


def find(runs: Sequence[Run]) -> Findings:
    return Findings(
        claims=[
            over_seeds.above(f"{TEXT}.", over_seeds.gain(runs, "instruct", "original")),
            over_seeds.above(
                f"{TEXT}, by the oracle.", over_seeds.gain(runs, "instruct", "original", "oracle"), "oracle"
            ),
            *votes.preferred("Listeners prefer it.", runs, "instruct", "original"),
        ],
        tables=[over_seeds.arms(runs), *votes.table(runs)],
        drawings=[drawings.gains(runs), *drawings.of_seed(runs[0], "spread")],
        remarks=[
            "The rewriter is greedy here, so rewrites are the same in every seed: seeds differ in audio and raters.",
        ],
    )


EXPERIMENT = Experiment(
    name="zero_shot",
    title="0-shot rewriting",
    question="Does an instruction alone rewrite held-out user prompts into ones whose audio fits better?",
    recipes=("zero_shot",),
    find=find,
    raters=12,
)
