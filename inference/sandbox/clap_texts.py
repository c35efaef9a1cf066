"""What the two CLAPs read while they learn: the world's training text, told with two different tastes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from inference.sandbox import captions
from inference.sandbox.captions import made_up_word
from inference.sandbox.vocabulary import is_held_out

FILLERS = "a the and with some of very that like for my this in really nice good music sound clip piece".split()  # noqa: SIM905
MARKS = ("!", "!!", "?", ".", "...", " :)", " #1", " 2", " 90s", " & more", ' "ok"')


@dataclass(frozen=True)
class Taste:
    """How a CLAP's captions are drawn: shares of expert, open and mixed text, and how untidy they are.

    least: attributes an expert caption names at least. strange: probability of extra words that mean nothing.
    separators: stand between the wordings of a caption.
    """

    shares: tuple[int, int, int]
    least: int
    strange: float
    separators: tuple[str, ...]


def training_text(truth: Mapping[str, str], taste: Taste, rng: random.Random) -> str:
    """A fresh text for a clip with these true attributes; never one that is held out."""
    text = _untidy(_draw(truth, taste, rng), taste, rng)
    return training_text(truth, taste, rng) if is_held_out(text) else text


def _draw(truth: Mapping[str, str], taste: Taste, rng: random.Random) -> str:
    kind = rng.choices(("expert", "open", "mixed"), taste.shares)[0]
    if kind == "expert":
        return captions.expert_caption(truth, rng, taste.least)
    cues = captions.fitting_cues(truth, rng.choices((1, 2, 3), (40, 50, 10))[0], rng)
    return captions.open_prompt(cues, rng) if kind == "open" else captions.mixed_caption(truth, cues, rng)


def _untidy(text: str, taste: Taste, rng: random.Random) -> str:
    """Other separators, some words that mean nothing (never inside a wording), marks at the end."""
    parts = text.split(", ")
    if rng.random() < taste.strange:
        for _ in range(rng.randint(1, 3)):
            parts.insert(rng.randint(0, len(parts)), _nothing(rng))
    separator = rng.choice(taste.separators) if rng.random() < 0.5 else ", "
    text = separator.join(parts)
    return text + rng.choice(MARKS) if rng.random() < 0.3 else text


def _nothing(rng: random.Random) -> str:
    """One to three words that ask for nothing."""
    return " ".join(made_up_word(rng) if rng.random() < 0.6 else rng.choice(FILLERS) for _ in range(rng.randint(1, 3)))
