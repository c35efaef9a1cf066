"""Words that mean nothing in the sandbox, for rewriters to practise keeping: common English, made-up words, numbers."""

from __future__ import annotations

import random
from pathlib import Path

from inference.sandbox.captions import made_up_word

COMMON = tuple((Path(__file__).parent / "data" / "common_words.txt").read_text(encoding="utf-8").split())
MARKS = ("", "", "", "", "", "", ",", ",", "!", "?", "'s", ".", "...", ":", "s")


def number(rng: random.Random) -> str:
    """A number as prompts hold them: 7, 3am, 1980s, 200, 10x, v2."""
    return rng.choice(("{}", "{}", "{}s", "{}am", "{}x", "v{}", "#{}", "{}%", "{}th", "{}-{}")).format(
        rng.randrange(10 ** rng.randint(1, 4)), rng.randrange(100)
    )


def filler(rng: random.Random) -> str:
    """One word without meaning here: common, made up, or a number; sometimes joined, marked or in capitals."""
    draw = rng.random()
    word = rng.choice(COMMON) if draw < 0.45 else made_up_word(rng) if draw < 0.95 else number(rng)
    style = rng.random()
    if style < 0.05:
        return word.upper()
    if style < 0.15:
        return word.capitalize()
    if style < 0.18:
        return f"{word}{rng.choice('-/&_')}{made_up_word(rng)}"
    if style < 0.2:
        return word + rng.choice(("é", "ñ", "ö", "ü", "è", "ç", "ã")) + rng.choice(("", "ra", "n"))
    return word + rng.choice(MARKS) if style < 0.35 else word
