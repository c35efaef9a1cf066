"""How a file's rows become prompts: which column is which, and into which split each prompt falls. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from prompts.cells import fold
from prompts.faults import Fault, UnreadableError
from prompts.header import COLUMNS
from prompts.models import Prompt

Kind, Split = Prompt.Kind, Prompt.Split
NAMED = re.compile(rf"(?<![a-z])({'|'.join(Split.values)})(?![a-z])")


def split_named(file: str) -> str:
    """The split that a file's name says, as in train-00000-of-00004.parquet; test where it says none."""
    found = NAMED.search(file.lower())
    return found[1] if found else Split.TEST.value


@dataclass(frozen=True)
class Shares:
    """Splits drawn at random: percent of each, 100 together.

    Drawn by a hash of seed and scene (of the text, where there is no scene): a scene stays in one split, and the same
    prompt falls into the same split whatever else the file holds, today and in a later version of it.
    """

    percent: Mapping[str, int]
    seed: int = 1

    def split(self, text: str, scene: str) -> str:
        digest = hashlib.sha256(f"{self.seed}/{fold(scene or text)}".encode()).digest()
        drawn, upto = int.from_bytes(digest[:8], "big") / 2**64 * 100, 0
        for split in Split.values:
            upto += self.percent.get(split, 0)
            if drawn < upto:
                return split
        raise ValueError("the shares do not make up 100 percent")


@dataclass(frozen=True)
class Plan:
    """columns: the file's column for each of ours that it has. kind, split: of rows whose own is empty.

    by_tag: the split of prompts that carry a tag, folded; shares: drawn instead. Either goes before the file's own.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    kind: str = Kind.OPEN.value
    split: str = Split.TEST.value
    by_tag: Mapping[str, str] = field(default_factory=dict)
    shares: Shares | None = None

    def places(self, names: Sequence[str]) -> dict[str, int]:
        """Where each of our columns stands among `names`. Raises UnreadableError where one is not there."""
        wrong = [
            f"there is no column “{name[:40]}” in this file." for name in self.columns.values() if name not in names
        ]
        if wrong or "text" not in self.columns:
            raise UnreadableError(
                *(Fault(None, text) for text in wrong or ["choose the column that holds the prompts."])
            )
        return {ours: names.index(self.columns[ours]) for ours in COLUMNS if ours in self.columns}

    def split_of(self, text: str, scene: str, tags: Sequence[str], given: str) -> str:
        if self.shares:
            return self.shares.split(text, scene)
        return next((self.by_tag[fold(tag)] for tag in tags if fold(tag) in self.by_tag), given or self.split)
