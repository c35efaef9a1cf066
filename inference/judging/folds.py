"""Which prompts are held out together: no text that a judge has learned from stands on both sides. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

FOLDS = 5


def told(text: str) -> str:
    """The text without case, punctuation and spacing: what differs in these alone is the same text."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def mark(text: str) -> str:
    """By which a text is known again without being kept."""
    return hashlib.sha256(told(text).encode()).hexdigest()[:24]


def families(texts: Sequence[Collection[str]]) -> np.ndarray:
    """[prompts]: ids of families; prompts that share a text, or are joined by others that do, are of one.

    texts: of each prompt, itself and all that was said to the generator for it.
    """
    words = {word: at for at, word in enumerate(sorted({told(text) for each in texts for text in each}))}
    places = [(at, words[told(text)]) for at, each in enumerate(texts) for text in each]
    rows, columns = np.array(places, int).reshape(-1, 2).T
    n = len(texts)
    shape = (n + len(words), n + len(words))
    joined = coo_matrix((np.ones(len(rows)), (rows, n + columns)), shape)
    return connected_components(joined, directed=False)[1][:n]


def folds(family: np.ndarray, seed: int, k: int = FOLDS) -> np.ndarray:
    """[prompts]: the fold of each, families whole, folds as even as they can be; fewer than k where there are fewer."""
    chance = np.random.default_rng(seed)
    ids, size = np.unique(family, return_counts=True)
    order = sorted(chance.permutation(len(ids)), key=lambda at: -size[at])  # the largest first; equal ones at random
    filled, fold = np.zeros(min(k, len(ids)), int), {}
    for at in order:
        fold[ids[at]] = least = int(filled.argmin())
        filled[least] += size[at]
    return np.array([fold[one] for one in family], int)
