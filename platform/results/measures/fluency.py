"""How fluent a text is, without a large model: its surprisal under characters of reference texts. Pure Python.

A model of n-grams of characters reads words that it has never seen, and finds garbled ones more surprising than those
spelt as the reference spells. It knows no meaning: a fluent lie is fluent.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

ORDER = 5  # characters of an n-gram
ALPHABET = 256  # characters that any context leaves possible
EDGE = "\n"  # before and behind every text


@dataclass(frozen=True)
class CharacterModel:
    """Witten–Bell interpolation of all orders down to an even draw (Chen, Goodman 1998, section 2.6).

    counts: by context, how often each character followed.
    """

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @classmethod
    def of(cls, texts: Iterable[str]) -> CharacterModel:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for text in texts:
            framed = _framed(text)
            for at in range(1, len(framed)):
                for length in range(ORDER):
                    if at - length >= 0:
                        counts[framed[at - length : at]][framed[at]] += 1
        return cls(dict(counts))

    def probability(self, character: str, context: str) -> float:
        """Of the character behind the context, of which the last ORDER − 1 characters count."""
        p = 1 / ALPHABET
        for length in range(min(len(context), ORDER - 1) + 1):
            followed = self.counts.get(context[len(context) - length :])
            if followed is None:
                break
            seen, kinds = followed.total(), len(followed)
            p = (followed[character] + kinds * p) / (seen + kinds)
        return p

    def surprisal(self, text: str) -> float | None:
        """Mean −log2 p, bits a character, its end counted; None of an empty text."""
        framed = _framed(text)
        if len(framed) == 2:
            return None
        bits = [-math.log2(self.probability(framed[at], framed[:at])) for at in range(1, len(framed))]
        return sum(bits) / len(bits)


def _framed(text: str) -> str:
    return f"{EDGE}{' '.join(text.casefold().split())}{EDGE}"


def repeated(words: Sequence[str], n: int = 3) -> float | None:
    """Share of a text's n-grams of words, 0..1, that it has said before: loops. None of fewer than n words."""
    grams = list(zip(*(words[at:] for at in range(n)), strict=False))
    return 1 - len(set(grams)) / len(grams) if grams else None
