"""What a rewrite kept, added and lost, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

_PIECE = re.compile(r"\S+")
_EDGES = re.compile(r"^\W+|\W+$")


class Piece(NamedTuple):
    """kind: "kept", "added" or "lost"; text: neighbouring words of that kind."""

    kind: str
    text: str


def difference(prompt: str, rewrite: str) -> list[Piece]:
    """The rewrite in pieces, lost words of the prompt standing where they were. Case and punctuation do not differ."""
    given, made = _PIECE.findall(prompt), _PIECE.findall(rewrite)
    matcher = SequenceMatcher(None, [*map(_bare, given)], [*map(_bare, made)], autojunk=False)
    pieces = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(Piece("kept", " ".join(made[c:d])))
            continue
        pieces += [Piece("lost", " ".join(given[a:b]))] if a < b else []
        pieces += [Piece("added", " ".join(made[c:d]))] if c < d else []
    return pieces


def _bare(word: str) -> str:
    return (_EDGES.sub("", word) or word).casefold()
