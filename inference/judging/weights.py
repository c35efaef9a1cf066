"""A trained judge as bytes: safetensors, and which texts it has learned from. Nothing in it is code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from inference.judging.folds import mark
from inference.judging.learning import Head, Part, Strength

FORMAT = "audionese-judge-1"
NAMES = ("taste", "texts", "lessons")


class Unreadable(ValueError):  # noqa: N818 (says what the bytes are)
    """No judge's weights."""


class Straddles(ValueError):  # noqa: N818 (says what the pair does)
    """A text and a clip whose votes no single head has been kept from."""


@dataclass(frozen=True)
class Heads:
    """whole: learned from every vote, for texts that nobody voted on. folds: each learned without one fold's prompts.

    learned: the fold of each text that votes were about, prompts and what was said to the generator, by its mark.
    """

    whole: Head
    folds: tuple[Head, ...]
    learned: Mapping[str, int]

    def for_pair(self, *texts: str) -> Head:
        """The head that has learned from none of these texts. Raises Straddles where none is free of all of them."""
        found = {self.learned[key] for key in map(mark, texts) if key in self.learned}
        if len(found) > 1:
            raise Straddles("This judge has learned from votes on the text and from others on the clip.")
        return self.folds[found.pop()] if found else self.whole


def to_bytes(heads: Heads) -> bytes:
    """Equal heads give equal bytes."""
    tensors: dict[str, np.ndarray] = {}
    for at, head in enumerate((heads.whole, *heads.folds)):
        numbers = (head.unit, head.log_nu, head.sure, head.strength.taste, head.strength.prompts)
        tensors[f"{at}.numbers"] = np.array(numbers)
        for scorer, part in enumerate(head.parts):
            tensors[f"{at}.{scorer}.scale"] = np.array([part.scale])
            for name in NAMES:
                tensors[f"{at}.{scorer}.{name}"] = np.ascontiguousarray(getattr(part, name), np.float64)
    told = {"format": FORMAT, "scorers": len(heads.whole.parts), "heads": 1 + len(heads.folds)}
    return save(tensors, {"judge": json.dumps({**told, "learned": dict(sorted(heads.learned.items()))})})


def from_bytes(content: bytes) -> Heads:
    """Raises Unreadable."""
    try:
        tensors = load(content)
        told = json.loads(json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]["judge"])
        heads = [_head(tensors, at, told["scorers"]) for at in range(told["heads"])]
        if told["format"] != FORMAT:
            raise ValueError(f"format {told['format']}")
        return Heads(heads[0], tuple(heads[1:]), {str(key): int(fold) for key, fold in told["learned"].items()})
    except (SafetensorError, ValueError, KeyError, TypeError, IndexError) as error:
        raise Unreadable(f"These are no judge's weights ({error}): train it again.") from error


def _head(tensors: dict[str, np.ndarray], at: int, scorers: int) -> Head:
    unit, log_nu, sure, taste, prompts = map(float, tensors[f"{at}.numbers"])
    parts = tuple(_part(tensors, f"{at}.{scorer}") for scorer in range(scorers))
    return Head(parts, unit, log_nu, Strength(taste, prompts), sure)


def _part(tensors: dict[str, np.ndarray], place: str) -> Part:
    return Part(float(tensors[f"{place}.scale"][0]), *(tensors[f"{place}.{name}"] for name in NAMES))
