"""Model cards of the sandbox's rewriters."""

from __future__ import annotations

from collections.abc import Mapping

from inference.sandbox.reports import shown
from inference.sandbox.rewriter_models import family

FAMILIES = {
    "t5": ("T5ForConditionalGeneration", "encoder-decoder"),
    "gpt2": ("GPT2LMHeadModel", "decoder-only"),
}
CARD = """---
license: apache-2.0
library_name: transformers
language: en
tags: [audionese, sandbox]
---

# rewriter-{kind}

A small `{model}` ({family}) trained from nothing that rewrites short prompts as rich captions of the sandbox's sounds.
It knows the sandbox's texts and nothing else: no published model and no person's data went into it.

## Training

{made}

Trained by `python manage.py build_sandbox --only rewriter-{kind}`.

## Measured on prompts and scenes that no training step saw

{figures}

Figures are of decoding with `keep_prompt`, as the shipped recipe does: each rewrite begins with the prompt's own words.
`bare_…` are the model's alone; `kept_unseen` is the share of content words it has never seen that it still says.

## Not for

Rewriting prompts for real text-to-audio systems, or any claim about language outside the sandbox. A published model
belongs in a real study.
"""


def card(kind: str, made: Mapping[str, float], quality: Mapping[str, Mapping[str, float]]) -> str:
    """README.md of a rewriter. made: how it was trained; quality: split -> figure -> value."""
    model, named = FAMILIES[family(kind)]
    splits = list(quality)
    head = f"| | {' | '.join(splits)} |\n|{'---|' * (len(splits) + 1)}\n"
    rows = (f"| {name} | {' | '.join(shown(quality[s][name]) for s in splits)} |" for name in quality[splits[0]])
    facts = "\n".join(f"- {name}: {shown(value)}" for name, value in made.items())
    return CARD.format(kind=kind, model=model, family=named, made=facts, figures=head + "\n".join(rows))
