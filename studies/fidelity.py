"""How much of what the user meant is left in a rewrite. Pure: texts in, numbers out.

No one number says it. SacreBLEU is the paper's, and under 20 it takes the intent for lost (arXiv 2311.00897); but it
also punishes every addition to a short prompt: two words kept whole in a rewrite of ten score below 20. So chrF,
kept-term recall and the cosine of text embeddings stand beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from sacrebleu.metrics import BLEU, CHRF

from prompts.words import NEGATIONS, UNSPACED, content_words, folded, words

# Measures that are a cosine of two texts' embeddings, and whose: that scorer of the study's.
READERS = {"text_cosine": "feedback_scorer", "judged_cosine": "evaluation_scorer"}

LOST_INTENT = 20.0  # sentence BLEU, 0..100

# Effective order, or a text of fewer than four words scores 0 against itself.
_BLEU, _CHRF = BLEU(effective_order=True), CHRF()
for _metric in (_BLEU, _CHRF):
    _metric.sentence_score("-", ["-"])  # it knows its signature, with one reference, only after measuring
SIGNATURES = {"bleu": str(_BLEU.get_signature()), "chrf": str(_CHRF.get_signature())}


class Fidelity(NamedTuple):
    """bleu, chrf: 0..100; kept_terms: 0..1, None where the prompt has no word."""

    bleu: float
    chrf: float
    kept_terms: float | None


@lru_cache(maxsize=20_000)
def fidelity(prompt: str, rewrite: str) -> Fidelity:
    """The rewrite as hypothesis, the prompt as its one reference. Equal texts are never measured twice."""
    return Fidelity(
        _BLEU.sentence_score(rewrite, [prompt]).score,
        _CHRF.sentence_score(rewrite, [prompt]).score,
        kept_terms(prompt, rewrite),
    )


def share(measure: str, prompt: str, rewrite: str) -> float:
    """One of bleu, chrf and kept_terms, as 0..1; a prompt without any word has nothing to lose."""
    value = getattr(fidelity(prompt, rewrite), measure)
    return 1.0 if value is None else value / (1 if measure == "kept_terms" else 100)


def cosine(prompt: np.ndarray | None, rewrite: np.ndarray | None) -> float | None:
    """Of two texts' embeddings, -1..1; None without one of them."""
    if prompt is None or rewrite is None:
        return None
    return float(_unit(prompt) @ _unit(rewrite))


def _unit(vector: np.ndarray) -> np.ndarray:
    vector = np.asarray(vector, float)
    return vector / (np.linalg.norm(vector) or 1.0)


def kept_terms(prompt: str, rewrite: str) -> float | None:
    """Share of the prompt's distinct content words that the rewrite still has, 0..1; None without any word.

    Case, punctuation and Unicode form do not matter; inflection does ("drum" is not "drums"). A prompt of stop
    words alone is measured on all of its words.
    """
    wanted = content_words(prompt)
    return sum(map(_said_in(rewrite), wanted)) / len(wanted) if wanted else None


def lost(prompt: str, rewrite: str) -> str:
    """The content words that the rewrite has not, in one line: in the prompt's order, each once and folded.

    A negation and what it negates are one: "no drums" is lost where either word is, and comes back whole.
    """
    wanted, said = content_words(prompt), _said_in(rewrite)
    together: list[tuple[str, ...]] = []
    for word in words(prompt):
        if word in wanted and together and together[-1][-1] in NEGATIONS:
            together[-1] += (word,)
        elif word in wanted:
            together.append((word,))
    return " ".join(word for each in dict.fromkeys(together) if not all(map(said, each)) for word in each)


def _said_in(text: str) -> Callable[[str], bool]:
    found, plain = set(words(text)), folded(text)
    return lambda term: term in found or (bool(UNSPACED.search(term)) and term in plain)
