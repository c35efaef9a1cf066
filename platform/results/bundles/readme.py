"""The words of a bundle: what is in it, how it was done (for a paper's methods section), how to cite it."""

from __future__ import annotations

import yaml

from results.opened import Opened
from results.statistics import RESAMPLES, SEED, VOTE_RESAMPLES
from studies.models import Arm, EngineSpec, Study

PAPER = (
    "Chang et al., On The Open Prompt Challenge In Conditional Audio Generation, 2023, arXiv:2311.00897, "
    "https://arxiv.org/abs/2311.00897"
)
FILES = {
    "recipe.yaml": "all that the study was made from but its prompts; `reproduce_bundle` runs it again",
    "engines.json": "models with checkpoints, revisions, the commits they stood for, and scorers' preprocessing hashes",
    "records/": "prompts, arms, rewrites, clips, scores, checkpoints, trials, sessions, votes: a JSON object a line",
    "results.json": "the results as the API gives them",
    "figures/": "each figure as SVG, and its numbers as CSV",
    "tables/": "each table as CSV, Markdown and LaTeX (booktabs)",
    "rows/": "the same once more as `import_bundle` restores it",
    "manifest.json": "checksums (SHA-256) of all of these, and the software that computed",
}
DO = {
    Arm.Method.ORIGINAL: "the prompt as it was typed",
    Arm.Method.INSTRUCT: "one rewrite by {rewriter}, 0-shot",
    Arm.Method.INSTRUCT_ICL: "one rewrite by {rewriter}, shown the nearest expert captions",
    Arm.Method.INSTRUCT_FEEDBACK: "one rewrite by {rewriter}, fine-tuned by margin ranking on the feedback scorer",
    Arm.Method.BEST_OF_N: "the best of several rewrites by {rewriter}, as the feedback scorer ranks their audio",
}


def readme(page: Opened, audio: bool) -> str:
    study = page.study
    files = FILES | ({"audio/": "every clip as the generator made it, named by its content"} if audio else {})
    listed = "\n".join(f"- `{name}`: {text}" for name, text in files.items())
    return (
        f"# {study.name}\n\n{study.description or 'A study of prompt rewriting in text-to-audio generation.'}\n\n"
        f"## Methods\n\n{methods(page)}\n\n"
        f"## What is in here\n\n{listed}\n\n"
        "Raters have pseudonyms that hold within this study alone; what they wrote is not in here.\n\n"
        "## How to use it\n\n```\n"
        "python manage.py import_bundle BUNDLE.zip --team SLUG      # restores it and computes the results again\n"
        "python manage.py reproduce_bundle BUNDLE.zip --team SLUG   # runs it again and says what "
        "differs\n```\n\n"
        f"## How to cite it\n\nAs in `CITATION.cff`; the method is that of {PAPER}.\n"
    )


def methods(page: Opened) -> str:
    """One paragraph of plain sentences, each with the numbers that a reviewer looks for."""
    return " ".join(part for part in (_prompts(page), _arms(page), _audio(page), _measures(page), _votes(page)) if part)


def _prompts(page: Opened) -> str:
    study, count = page.study, len(page.measured.prompts)
    control = f", and {study.control_prompts} expert prompts as a control" if study.control_prompts else ""
    return (
        f"We evaluated {count} {study.evaluation_kind} prompts (split `{study.evaluation_split}`) of the prompt set "
        f"“{study.prompt_set.name}”, version {study.prompt_set.version}{control}."
    )


def _arms(page: Opened) -> str:
    told = [f"{arm.name}: {DO[Arm.Method(arm.method)].format(rewriter=_model(arm.rewriter))}" for arm in page.arms]
    return f"We compared {len(told)} arms ({'; '.join(told)})."


def _audio(page: Opened) -> str:
    study = page.study
    takes = f"{study.evaluation_takes} audio seeds" if study.evaluation_takes > 1 else "one audio seed"
    return (
        f"{_model(study.generator)} made {study.seconds:g} s of audio of each text with {takes}, the same for every "
        f"arm; all draws follow from the seed {study.seed}."
    )


def _measures(page: Opened) -> str:
    study = page.study
    judge = f"{_model(study.evaluation_scorer)} scored the audio against the prompt as it was typed"
    taught = "which also taught" if study.teaches_and_judges else f"{_model(study.feedback_scorer)} taught"
    return (
        f"{judge} ({taught}); fidelity of rewrites was measured by sentence SacreBLEU and chrF, kept terms and the "
        f"cosine of text embeddings. Intervals are 95 %, resampled over prompts {RESAMPLES:,} times (seed {SEED}); "
        "differences were tested by sign flips over prompts and adjusted after Holm."
    )


def _votes(page: Opened) -> str:
    crowd = page.crowd
    if not crowd.votes:
        return ""
    who = "simulated raters" if crowd.simulated else "raters"
    excluded = page.results["sessions_excluded"]
    return (
        f"In a blind listening test {crowd.raters} {who} gave {crowd.votes:,} preferences that count; {excluded} "
        f"sessions were excluded by stated rules. Intervals of preferences are resampled over raters and prompts "
        f"{VOTE_RESAMPLES:,} times."
    )


def _model(spec: EngineSpec | None) -> str:
    if spec is None:
        return "no model"
    where = spec.commit or spec.revision
    return spec.name + (f" ({spec.checkpoint}{'@' + where[:12] if where else ''})" if spec.checkpoint else "")


def citation(study: Study) -> str:
    """Citation File Format 1.2."""
    day = study.finished_at or study.created_at
    told = {
        "cff-version": "1.2.0",
        "message": "Cite this study as below, with the paper whose method it follows.",
        "type": "dataset",
        "title": study.name,
        "authors": [{"name": study.team.name}],
        "date-released": day.date().isoformat(),
        "identifiers": [{"type": "other", "value": study.slug, "description": "The study's address in Audionese."}],
        "references": [
            {
                "type": "article",
                "title": "On The Open Prompt Challenge In Conditional Audio Generation",
                "authors": [{"name": "Chang et al."}],
                "year": 2023,
                "url": "https://arxiv.org/abs/2311.00897",
            }
        ],
    }
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True)
