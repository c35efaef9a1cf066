"""What is written beside the sandbox's models: the CLAPs' cards, and one report on all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

PURPOSES = {
    "clap-teacher": "scores how well a sound fits a text, to teach the rewriters (feedback)",
    "clap-judge": "scores how well a sound fits a text, to judge the arms (evaluation); it never teaches",
}
CARD = """---
license: apache-2.0
library_name: transformers
language: en
tags: [audionese, sandbox]
---

# {name}

A small `ClapModel` trained from nothing. It {purpose}. It knows
the sandbox's synthetic sounds and texts and nothing else: no recording, no published model and no person's data went
into it.

## Training

{training}

Trained by `python manage.py build_sandbox --only {name} --seed {seed}`.

## Measured on clips, scenes and prompts that no training step saw

{figures}

Bars: {bars}.

## Not for

Judging or making real audio, ranking real text-to-audio systems, or any claim about music, listeners or language
outside the sandbox. Its scores compare with those of no other checkpoint. A published model belongs in a real study.
"""


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
    return "\n\n".join(parts) + "\n"


def table(figures: Mapping[str, float]) -> str:
    """Two columns of Markdown."""
    rows = "\n".join(f"| {name} | {shown(value)} |" for name, value in figures.items())
    return f"| | |\n|---|---|\n{rows}"


def shown(value: float) -> str:
    """Whole numbers whole, the rest to three places."""
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) > 1 else f"{value:.3f}"
