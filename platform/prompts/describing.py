"""What a prompt set is made of: how long its prompts are, how much they say, and what its splits share. Pure.

Information density is the lexical density of Ure (1971): of all words, the share that carries content. Here these are
the words that say something about the sound (prompts/words.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from statistics import median
from typing import NamedTuple

from prompts.cells import fold
from prompts.models import Prompt
from prompts.words import content_words, words

LONGEST_BAR = 40  # words: what is longer is counted together


class Text(NamedTuple):
    text: str
    kind: str
    split: str


@dataclass(frozen=True)
class Group:
    """Prompts of one kind and split. density: 0..1. vocabulary: distinct content words."""

    kind: str
    split: str
    prompts: int
    shortest: int
    median: float
    longest: int
    content: float
    density: float
    vocabulary: int


@dataclass(frozen=True)
class Overlap:
    """Two splits of one kind. known: share of the second's vocabulary that the first has, 0..1.

    twins: prompts of the second with the very content words of one of the first: they differ in filling words or
    order alone, so that what was learnt on one is examined on the other.
    """

    kind: str
    first: str
    second: str
    known: float
    twins: tuple[tuple[str, str], ...]


class Description:
    def __init__(self, texts: Iterable[Text]) -> None:
        self.by_group: dict[tuple[str, str], list[str]] = {}
        for text, kind, split in texts:
            self.by_group.setdefault((kind, split), []).append(text)

    @cached_property
    def groups(self) -> list[Group]:
        order = {split: at for at, split in enumerate(Prompt.Split.values)}
        found = sorted(self.by_group.items(), key=lambda item: (item[0][0] != Prompt.Kind.OPEN, order[item[0][1]]))
        return [_group(kind, split, texts) for (kind, split), texts in found]

    @cached_property
    def overlaps(self) -> list[Overlap]:
        pairs = combinations(Prompt.Split.values, 2)
        return [
            _overlap(kind, first, second, self.by_group[kind, first], self.by_group[kind, second])
            for first, second in pairs
            for kind in Prompt.Kind.values
            if (kind, first) in self.by_group and (kind, second) in self.by_group
        ]

    @cached_property
    def lengths(self) -> list[tuple[int, int]]:
        """How many prompts have how many words, from 1 on without a gap; the last is `LONGEST_BAR` and more."""
        counted = Counter(min(len(words(text)), LONGEST_BAR) for texts in self.by_group.values() for text in texts)
        return [(length, counted[length]) for length in range(min(counted, default=1), max(counted, default=0) + 1)]


@dataclass(frozen=True)
class Changes:
    """From one version to the next: prompts by their text as folded and their kind. moved: (text, from, to)."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[tuple[str, str, str], ...]


def changes(before: Iterable[Text], after: Iterable[Text]) -> Changes:
    old, new = ({(fold(one.text), one.kind): one for one in texts} for texts in (before, after))
    both = [(old[key], one) for key, one in new.items() if key in old]
    return Changes(
        tuple(one.text for key, one in new.items() if key not in old),
        tuple(one.text for key, one in old.items() if key not in new),
        tuple((one.text, was.split, one.split) for was, one in both if was.split != one.split),
    )


def _group(kind: str, split: str, texts: Sequence[str]) -> Group:
    lengths = [len(words(text)) for text in texts]
    content = [sum(word in carrying for word in words(text)) for text in texts for carrying in [content_words(text)]]
    return Group(
        kind,
        split,
        len(texts),
        min(lengths),
        median(lengths),
        max(lengths),
        sum(content) / len(texts),
        sum(content) / max(1, sum(lengths)),
        len(_vocabulary(texts)),
    )


def _overlap(kind: str, first: str, second: str, texts: Sequence[str], others: Sequence[str]) -> Overlap:
    vocabulary = _vocabulary(others)
    known = len(vocabulary & _vocabulary(texts)) / len(vocabulary) if vocabulary else 0.0
    by_words = {frozenset(content_words(text)): text for text in texts}
    twins = ((by_words.get(frozenset(content_words(other))), other) for other in others)
    return Overlap(kind, first, second, known, tuple((text, other) for text, other in twins if text))


def _vocabulary(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in content_words(text)}
