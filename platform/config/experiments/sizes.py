"""Families and sizes: whether the larger rewriter starts higher and learns more, and whether that is so in both."""

from __future__ import annotations

from collections.abc import Sequence

from config.experiments import drawings, over_seeds, skill
from config.experiments.experiment import Claim, Experiment, Findings, Run
from results.rewriters import skills

SIZES = {"small": "smaller", "large": "larger"}
FAMILIES = {"": "encoder-decoder", "_decoder": "decoder-only"}


def find(runs: Sequence[Run]) -> Findings:
    found = [{skill.arm: skill for skill in skills(run.page)} for run in runs]
    return Findings(
        claims=[*learned(runs), *larger(runs), *families(runs)],
        tables=[over_seeds.arms(runs), skill.table(found)],
        drawings=[drawings.gains(runs), *drawings.of_seed(runs[0], "rewriters")],
        remarks=[
            "Each size of a family is one checkpoint. Lessons are the same, but for the smaller encoder-decoder, which "
            "had longer ones of what words mean until it met the bars that all of them meet. How any would do with "
            "more lessons is not seen here.",
            "Constants of training were chosen with the larger encoder-decoder on validation prompts.",
            *over_seeds.forced(runs),
        ],
    )


def learned(runs: Sequence[Run]) -> list[Claim]:
    return [
        over_seeds.above(f"Feedback helps the {size} {family}.",
                         over_seeds.gain(runs, f"{key}{end}_feedback", f"{key}{end}"))
        for end, family in FAMILIES.items()
        for key, size in SIZES.items()
    ]  # fmt: skip


def larger(runs: Sequence[Run]) -> list[Claim]:
    """Of each family: before feedback, after it, and by how much it learns more."""
    claims = []
    for end, family in FAMILIES.items():
        before, after = (f"large{end}", f"small{end}"), (f"large{end}_feedback", f"small{end}_feedback")
        claims += [
            over_seeds.above(f"Instructed, the larger {family} fits better than the smaller.",
                             over_seeds.gain(runs, *before)),
            over_seeds.above(f"After feedback, the larger {family} fits better than the smaller.",
                             over_seeds.gain(runs, *after)),
            over_seeds.above(f"The larger {family} gains more by feedback than the smaller.",
                             over_seeds.gained_more(runs, after, before)),
        ]  # fmt: skip
    return claims


def families(runs: Sequence[Run]) -> list[Claim]:
    return [
        over_seeds.above(f"After feedback, the {size} encoder-decoder fits better than the {size} decoder-only.",
                         over_seeds.gain(runs, f"{key}_feedback", f"{key}_decoder_feedback"))
        for key, size in SIZES.items()
    ]  # fmt: skip


EXPERIMENT = Experiment(
    name="sizes",
    title="Architectures and sizes, taken apart",
    question="Does it depend on the size which family rewrites better and which learns more from feedback?",
    recipes=("sizes",),
    find=find,
)
