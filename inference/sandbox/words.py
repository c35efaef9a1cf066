"""Words that mean nothing in the sandbox, for rewriters to practise keeping: common, made up, spliced, numbers."""

from __future__ import annotations

import random
from pathlib import Path

from inference.sandbox.captions import made_up_word
from inference.sandbox.vocabulary import CUE_WORDS, PHRASES

COMMON = tuple((Path(__file__).parent / "data" / "common_words.txt").read_text(encoding="utf-8").split())
# Words that a rewriter knows too well: it completes "go" to "goblin" where the prompt says "governor".
FAMILIAR = tuple(
    sorted({word for texts in (*CUE_WORDS.values(), *PHRASES.values()) for text in texts for word in text.split()})
)
MARKS = ("", "", "", "", "", "", ",", ",", "!", "?", "'s", ".", "...", ":", "s")


def number(rng: random.Random) -> str:
    """A number as prompts hold them: 7, 3am, 1980s, 200, 10x, v2."""
    return rng.choice(("{}", "{}", "{}s", "{}am", "{}x", "v{}", "#{}", "{}%", "{}th", "{}-{}")).format(
        rng.randrange(10 ** rng.randint(1, 4)), rng.randrange(100)
    )


def spliced(rng: random.Random) -> str:
    """The head of one real word and the tail of another: it begins or ends like a known word and is none."""
    head, tail = (rng.choice(FAMILIAR if rng.random() < 0.5 else COMMON) for _ in range(2))
    return head[: rng.randint(1, max(1, len(head) - 1))] + tail[rng.randint(0, len(tail) - 1) :]


def filler(rng: random.Random) -> str:
    """One word without meaning here: common, made up, spliced, or a number; sometimes joined, marked or in capitals."""
    draw = rng.random()
    if draw < 0.4:
        word = rng.choice(COMMON)
    elif draw < 0.7:
        word = made_up_word(rng)
    else:
        word = spliced(rng) if draw < 0.95 else number(rng)
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
