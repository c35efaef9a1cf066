"""Encoder-decoder against decoder-only, matched in size, training prompts, candidates, seeds and decoding."""

from __future__ import annotations

from collections.abc import Sequence

from config.experiments import drawings, over_seeds, votes
from config.experiments.experiment import Claim, Experiment, Findings, Run

MEASURES = {"clap": "", "oracle": ", by the oracle"}


def find(runs: Sequence[Run]) -> Findings:
    return Findings(
        claims=[
            *compared("Instructed, the encoder-decoder fits better than the decoder-only", runs,
                      "instruct", "instruct_decoder"),
            *compared("After feedback, the encoder-decoder fits better than the decoder-only", runs,
                      "feedback", "feedback_decoder"),
            *compared("Feedback helps the encoder-decoder", runs, "feedback", "instruct"),
            *compared("Feedback helps the decoder-only", runs, "feedback_decoder", "instruct_decoder"),
            *more(runs),
            *votes.preferred("After feedback, listeners prefer the encoder-decoder.", runs, "feedback",
                             "feedback_decoder"),
        ],
        tables=[over_seeds.arms(runs), *votes.table(runs)],
        drawings=[drawings.gains(runs)],
        remarks=[
            "Each family is one checkpoint here: what is seen may be that checkpoint's and not its family's.",
            "Constants of training were chosen with the encoder-decoder on validation prompts: others may suit the "
            "decoder-only better.",
            "The paper finds the encoder-decoder more robust; it compares FLAN-T5 with LaMini-LM, which differ in "
            "training data and size too.",
        ],
    )  # fmt: skip


def compared(text: str, runs: Sequence[Run], arm: str, versus: str) -> list[Claim]:
    """By CLAP and, where there is one, by the oracle."""
    return [
        over_seeds.above(f"{text}{by}.", over_seeds.gain(runs, arm, versus, measure), measure)
        for measure, by in MEASURES.items()
        if all(run.page.measured.has(measure) for run in runs)
    ]


def more(runs: Sequence[Run]) -> list[Claim]:
    gained = over_seeds.gained_more(runs, ("feedback", "instruct"), ("feedback_decoder", "instruct_decoder"))
    return [over_seeds.above("The encoder-decoder gains more by feedback than the decoder-only.", gained)]


EXPERIMENT = Experiment(
    name="architectures",
    title="Encoder-decoder or decoder-only",
    question="Which family rewrites better, before and after feedback, where all else is equal?",
    recipes=("architectures",),
    find=find,
    raters=8,
)
