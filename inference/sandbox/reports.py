"""What is written beside the sandbox's models: the CLAPs' cards, and one report on all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

PURPOSES = {
    "clap-teacher": "it scores how well a sound fits a text, to teach the rewriters (feedback)",
    "clap-judge": "it scores how well a sound fits a text, to judge the arms (evaluation), and never teaches",
}
CARD = """---
license: apache-2.0
library_name: transformers
language: en
tags: [audionese, sandbox]
---

# {name}

A small `ClapModel` trained from nothing: {purpose}.
It knows the sandbox's synthetic sounds and texts and nothing else: no recording, no published model and no person's
data went into it.

## Training

{training}

Trained by `python manage.py build_sandbox --only {name} --seed {seed}`.

## Measured on clips, scenes and prompts that no training step saw

{figures}

Bars: {bars}.

{legend}

## Not for

Judging or making real audio, ranking real text-to-audio systems, or any claim about music, listeners or language
outside the sandbox. Its scores compare with those of no other checkpoint. A published model belongs in a real study.
"""
LEGEND = """- recall_at_1, recall_at_5: among 200 clips, by expert captions in wording that no training text had, both
  ways; a caption may name as few as three attributes, so that 0.69 is the most that recall_at_1 could be.
- auc_expert, auc_open: probability that a matching pair scores above a wrong one. Open prompts are those of held-out
  scenes, matched with clips of what they ask for; wrong are clips of other scenes (auc_open_any: any clips).
  auc_open_ceiling is the oracle's, who knows every clip's attributes.
- two_way_*: how often a clip prefers its caption to the one with that single attribute swapped.
- oracle_correlation: with the oracle's relevance, over open prompts and clips of held-out scenes.
- seed_noise: standard deviation of one prompt's score over eight seeds of the synthesiser; prompt_spread: of matching
  pairs."""


def describe(name: str, folder: Path, facts: Mapping[str, Any]) -> None:
    """The model card of a CLAP, README.md in its folder. (A rewriter's training writes its own.)"""
    (folder / "README.md").write_text(
        CARD.format(
            name=name,
            purpose=PURPOSES[name],
            seed=facts["training"].get("seed", 0),
            training=table(facts["training"]),
            figures=table(facts["figures"]),
            bars=", ".join(f"{bar} {'met' if met else 'MISSED'}" for bar, met in facts["bars"].items()),
            legend=LEGEND,
        ),
        "utf-8",
    )


def report(facts: Mapping[str, Any]) -> str:
    """The report on all models as Markdown."""
    parts = ["# The sandbox's models, measured", "Written by `python manage.py build_sandbox`."]
    for name, model in facts["models"].items():
        verdicts = "\n".join(f"- {'pass' if met else 'FAIL'}: {bar}" for bar, met in model["bars"].items())
        parts += [f"## {name}", verdicts, table(model["figures"])]
    if "agreement" in facts:
        parts += ["## Agreement", f"Correlation of the two CLAPs' scores of open prompts: {facts['agreement']:.3f}"]
    parts += ["## What the CLAPs' figures mean", LEGEND]
    return "\n\n".join(parts) + "\n"


def table(figures: Mapping[str, float]) -> str:
    """Two columns of Markdown."""
    rows = "\n".join(f"| {name} | {shown(value)} |" for name, value in figures.items())
    return f"| | |\n|---|---|\n{rows}"


def shown(value: float) -> str:
    """Counts as they are, measures to three places."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"
