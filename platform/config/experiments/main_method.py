"""The paper's main experiment: each step of the method against the one before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from config.experiments import drawings, over_seeds, votes
from config.experiments.experiment import Claim, Experiment, Findings, Run
from results.measurements import measure
from results.tables import TABLES, Table

STEPS = (
    ("instruct", "original", "0-shot rewriting fits what users asked for better than their prompts as typed."),
    ("instruct_feedback", "instruct", "Feedback adds to 0-shot rewriting."),
    ("instruct_feedback", "best_of_n", "Feedback, which asks for one clip a prompt, beats the best of eight."),
    ("instruct_feedback", "instruct_icl", "Feedback beats exemplars, which need no training."),
)
HARM = -0.03  # of CLAP: what the sandbox's own rewriters may lose on expert prompts


def find(runs: Sequence[Run]) -> Findings:
    claims = [
        over_seeds.above(text if measure == "clap" else f"{text} (By the oracle.)",
                         over_seeds.gain(runs, arm, versus, measure), measure)
        for arm, versus, text in STEPS
        for measure in ("clap", "oracle")
        if all(run.page.measured.has(measure) for run in runs)
    ]  # fmt: skip
    return Findings(
        claims=[*claims, *heard(runs), *unharmed(runs)],
        tables=[over_seeds.arms(runs), *votes.table(runs), *in_layout(runs[0])],
        drawings=[drawings.gains(runs)],
        remarks=[
            "A seed draws the ten training prompts, the candidates and all audio; prompts and models are the same in "
            "every seed, so this says nothing about other prompts, and of other models only what their own runs say.",
            "SacreBLEU falls with every word that is added: beside it stands how many of the prompt's words were kept.",
        ],
    )


def in_layout(run: Run) -> list[Table]:
    """The paper's table with the arms of one seed in it, as the study's page shows it."""
    made = (TABLES[name](run.page) for name in ("paper", "comparable"))
    return [replace(table, title=f"{table.title} (seed {run.seed})") for table in made if table.rows]


def heard(runs: Sequence[Run]) -> list[Claim]:
    return [
        *votes.preferred("Listeners prefer 0-shot rewriting to the prompt as typed.", runs, "instruct", "original"),
        *votes.preferred("Listeners prefer feedback to 0-shot rewriting.", runs, "instruct_feedback", "instruct"),
    ]


def unharmed(runs: Sequence[Run]) -> list[Claim]:
    """On expert prompts, which need no help."""
    if not all(run.page.study.control_prompts for run in runs):
        return []
    measured = [measure(run.page.study, control=True) for run in runs]
    found = over_seeds.gain_of(measured, "instruct_feedback", "original")
    text = f"Expert prompts, the control, lose less than {-100 * HARM:.0f} points of CLAP."
    return [over_seeds.above(text, found, than=HARM)]


EXPERIMENT = Experiment(
    name="main",
    title="Instruct+Feedback, step by step",
    question="Does a rewriter fine-tuned by margin ranking on ten ranked prompts give audio that fits what users asked "
    "for better than 0-shot rewriting, and 0-shot rewriting better than the prompt as typed?",
    recipes=("main",),
    find=find,
    raters=40,
    questions=("preference", "relevance"),
)
