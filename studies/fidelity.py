"""How much of what the user meant is left in a rewrite. Pure: texts in, numbers out.

No one number says it. SacreBLEU is the paper's, and under 20 it takes the intent for lost (arXiv 2311.00897); but it
also punishes every addition to a short prompt: two words kept whole in a rewrite of ten score below 20. So chrF,
kept-term recall and the cosine of text embeddings stand beside it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from sacrebleu.metrics import BLEU, CHRF

LOST_INTENT = 20.0  # sentence BLEU, 0..100

# Words that carry no wish. Whoever writes "without drums" wants "without" kept: negations are not here.
_STOP = """
a an the this that these those some any and or but so as of in on at to for from by with into like than then
i me my you your we our it its he she they them their is are was were be been am do does did have has had
will would can could should may might must just very really please want wants need needs give make let
something anything thing kind sort sound sounds sounding music song track audio clip
"""
STOP_WORDS = frozenset(_STOP.split())
# Scripts that write no space between words: a run of characters is looked for inside the rewrite.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

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


def kept_terms(prompt: str, rewrite: str) -> float | None:
    """Share of the prompt's distinct content words that the rewrite still has, 0..1; None without any word.

    Case, punctuation and Unicode form do not matter; inflection does ("drum" is not "drums"). A prompt of stop
    words alone is measured on all of its words.
    """
    wanted = content_words(prompt)
    if not wanted:
        return None
    found, plain = set(words(rewrite)), _plain(rewrite)
    return sum(term in found or (bool(_UNSPACED.search(term)) and term in plain) for term in wanted) / len(wanted)


def content_words(text: str) -> set[str]:
    every = set(words(text))
    return every - STOP_WORDS or every


def words(text: str) -> list[str]:
    return _WORD.findall(_plain(text))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
