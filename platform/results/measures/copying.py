"""How much of a rewrite is the prompt itself. Pure: words in, numbers out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def overlap(prompt: Sequence[str], rewrite: Sequence[str], n: int = 2) -> float | None:
    """Share of the rewrite's n-grams of words, 0..1, that the prompt has too, each as often as it has it (the precision
    of BLEU, of one order). None where the rewrite has fewer than n words."""
    theirs, mine = _grams(prompt, n), _grams(rewrite, n)
    total = mine.total()
    return (mine & theirs).total() / total if total else None


def verbatim(prompt: Sequence[str], rewrite: Sequence[str]) -> bool:
    """Nothing was changed but case, punctuation and spaces."""
    return list(prompt) == list(rewrite)


def _grams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(words[at:] for at in range(n)), strict=False))
