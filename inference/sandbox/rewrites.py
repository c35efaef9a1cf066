"""What the sandbox's rewriters learn from: prompts of all sorts, and rewrites by authors of uneven skill.

A rewrite keeps the prompt's words and adds to them. Some authors name what the prompt really asks for, some name their
habits, some only decorate, some add nothing: greedy decoding then helps a little, sampling is diverse, and feedback
has something to choose from.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference.sandbox.captions import expert_caption, made_up_word, open_prompt, phrase, random_cues
from inference.sandbox.vocabulary import ATTRIBUTES, PHRASES, is_held_out, parse, sample_attributes, wanted

INSTRUCTION = "rewrite: {prompt} =>"
EXEMPLAR_INSTRUCTION = "like: {exemplars} ; rewrite: {prompt} =>"
EXEMPLAR_SEPARATOR = " | "
LONGEST = 38  # words in a rewrite

AUTHORS = {"careful": 0.45, "habitual": 0.22, "decorator": 0.18, "copyist": 0.15}
# What the habitual author hears in everything.
HABITS = {
    "instrument": "piano",
    "tempo": "moderate",
    "register": "middle",
    "loudness": "loud",
    "tone": "bright",
    "articulation": "smooth",
    "harmony": "harmonious",
    "space": "dry",
    "drums": "light",
    "ambience": "none",
}
# How readily an attribute is named; the others 1.
EAGERNESS = {"instrument": 3.0, "tempo": 3.0, "loudness": 1.5, "drums": 1.5}
QUALITIES = ("beautiful", "rich", "evocative", "captivating", "lush", "delicate", "vivid", "memorable", "polished")
OBJECTS = ("atmosphere", "feeling", "texture", "soundscape", "mood", "production", "character", "arrangement")
MARKS = ("!", "!!", "?", "...", " :)", " #1", " 2", " 90s", " (v2)", " & more", " - final", ' "ok"', " 100%", "")


@dataclass(frozen=True)
class Example:
    """One training pair: what the rewriter reads (`prompt`, `exemplars`) and what it should write."""

    prompt: str
    exemplars: tuple[str, ...]
    rewrite: str

    @property
    def source(self) -> str:
        return as_input(self.prompt, self.exemplars)


def as_input(prompt: str, exemplars: Sequence[str] = ()) -> str:
    """The text that the sandbox's rewriters read."""
    if not exemplars:
        return INSTRUCTION.format(prompt=prompt)
    return EXEMPLAR_INSTRUCTION.format(prompt=prompt, exemplars=EXEMPLAR_SEPARATOR.join(exemplars))


def example(rng: random.Random, with_exemplars: bool) -> Example:
    """One example, drawn afresh."""
    prompt = _prompt(rng)
    intent = sample_attributes(prompt, rng)
    exemplars = _exemplars(intent, rng) if with_exemplars else ()
    items = _additions(prompt, intent, exemplars, rng)
    room = LONGEST - len(prompt.split())
    while items and sum(len(item.split()) for item in items) > room:
        items.pop()
    return Example(prompt, exemplars, ", ".join([prompt, *items]))


def _prompt(rng: random.Random) -> str:
    draw = rng.random()
    if draw < 0.55:
        text = open_prompt(random_cues(rng.choices((1, 2, 3), (35, 55, 10))[0], rng), rng, 0.6)
    elif draw < 0.78:
        text = _strange_prompt(rng)
    else:
        text = expert_caption(sample_attributes({}, rng), rng)
    return _roughen(text, rng)


def _strange_prompt(rng: random.Random) -> str:
    words = [made_up_word(rng) for _ in range(rng.randint(1, 7))]
    words += random_cues(rng.randint(0, 2), rng)
    rng.shuffle(words)
    text = " ".join(words)
    return _strange_prompt(rng) if is_held_out(text) else text


def _roughen(text: str, rng: random.Random) -> str:
    draw = rng.random()
    if draw < 0.05:
        return text.upper()
    if draw < 0.12:
        return text.capitalize()
    if draw < 0.16:
        return text.title()
    return text + rng.choice(MARKS) if draw < 0.3 else text


def _exemplars(intent: Mapping[str, str], rng: random.Random) -> tuple[str, ...]:
    """One to three captions of similar sounds: each attribute agrees with the intent in three of four."""
    near = {a: {v: 0.75 * (v == intent[a]) + 0.25 / len(values) for v in values} for a, values in ATTRIBUTES.items()}
    return tuple(expert_caption(sample_attributes(near, rng), rng, 4) for _ in range(rng.choice((1, 2, 3, 3))))


def _additions(prompt: str, intent: Mapping[str, str], exemplars: Sequence[str], rng: random.Random) -> list[str]:
    author = rng.choices(list(AUTHORS), list(AUTHORS.values()))[0]
    if author == "copyist" or (len(parse(prompt)) > 2 and rng.random() < 0.5):
        return []
    decoration = [_decoration(rng) for _ in range(rng.choice((0, 0, 1)))]
    if author == "decorator":
        return [*decoration, _decoration(rng)]
    hints = _hints(exemplars)
    open_ones = [a for a in _candidates(prompt, hints, author) if a not in parse(prompt)]
    named = _by_eagerness(open_ones, _how_many(bool(hints), rng), rng)
    values = _values(author, intent, hints, rng)
    return decoration + [_wording(a, values[a], exemplars, rng) for a in named]


def _candidates(prompt: str, hints: Mapping[str, Mapping[str, float]], author: str) -> list[str]:
    if author == "habitual":
        return list(ATTRIBUTES)
    return list(dict.fromkeys([*wanted(prompt), *hints]))


def _how_many(hinted: bool, rng: random.Random) -> int:
    few = (3, 4, 4) if hinted else (2, 3, 3)
    return rng.choice(few) if rng.random() < 0.65 else rng.randint(4, 9)


def _by_eagerness(attributes: Sequence[str], count: int, rng: random.Random) -> list[str]:
    """A weighted order without replacement (Efraimidis and Spirakis 2006), cut at `count`."""
    keys = {a: rng.random() ** (1 / EAGERNESS.get(a, 1.0)) for a in attributes}
    return sorted(keys, key=keys.__getitem__, reverse=True)[:count]


def _hints(exemplars: Sequence[str]) -> dict[str, dict[str, float]]:
    """How often the exemplars name each value."""
    hints: dict[str, dict[str, float]] = {}
    for caption in exemplars:
        for attribute, value in parse(caption).items():
            counts = hints.setdefault(attribute, {})
            counts[value] = counts.get(value, 0.0) + 1.0
    return hints


def _values(
    author: str, intent: Mapping[str, str], hints: Mapping[str, Mapping[str, float]], rng: random.Random
) -> dict[str, str]:
    if author == "habitual":
        return {a: HABITS[a] if rng.random() < 0.7 else rng.choice(vs) for a, vs in ATTRIBUTES.items()}
    return {a: v if v in hints.get(a, {v: 1.0}) else max(hints[a], key=hints[a].__getitem__) for a, v in intent.items()}


def _wording(attribute: str, value: str, exemplars: Sequence[str], rng: random.Random) -> str:
    """The exemplars' own wording where there is one; else the usual wording in three of five."""
    seen = [p for p in PHRASES[attribute, value] if any(p in caption for caption in exemplars)]
    if seen:
        return rng.choice(seen)
    return PHRASES[attribute, value][0] if rng.random() < 0.6 else phrase(attribute, value, rng)


def _decoration(rng: random.Random) -> str:
    return f"{rng.choice(QUALITIES)} {rng.choice(OBJECTS)}"
