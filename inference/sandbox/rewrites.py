"""What the sandbox's rewriters learn from: prompts of all sorts, and rewrites by authors of uneven skill.

A rewrite keeps the prompt's words and adds to them. Some authors name the first things that come to mind, few name
everything that the prompt asks for, some write whatever they please, some only decorate, some add nothing: greedy
decoding then helps a little, sampling is diverse, and feedback has something to choose from.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inference.sandbox.captions import expert_caption, open_prompt, phrase, random_cues
from inference.sandbox.vocabulary import (
    ATTRIBUTES,
    CUE_WORDS,
    PHRASES,
    is_held_out,
    parse,
    sample_attributes,
    wanted,
)
from inference.sandbox.words import filler

INSTRUCTION = "rewrite: {prompt} =>"
EXEMPLAR_INSTRUCTION = "like: {exemplars} ; rewrite: {prompt} =>"
EXEMPLAR_SEPARATOR = " | "
LONGEST = 38  # words in a rewrite

# What a brief author thinks of: first of all the instrument and the tempo; of the rest, sometimes one thing.
AT_ONCE = ("instrument", "tempo")
# What the habitual author hears in everything.
HABITS = {"instrument": "piano", "tempo": "moderate", "loudness": "loud", "tone": "bright", "drums": "light"}
QUALITIES = ("beautiful", "rich", "evocative", "captivating", "lush", "delicate", "vivid", "memorable", "polished")
OBJECTS = ("atmosphere", "feeling", "texture", "soundscape", "mood", "production", "character", "arrangement")


@dataclass(frozen=True)
class Company:
    """Who writes the prompts and the rewrites of a lesson, in shares.

    usual: how often an author takes the usual wording of a value.
    """

    authors: Mapping[str, float]
    prompts: Mapping[str, float] = field(default_factory=lambda: {"cues": 0.3, "worldly": 0.5, "caption": 0.2})
    usual: float = 0.7


# First of all: words are kept, whoever writes.
KEEPERS = Company({"brief": 0.44, "thorough": 0.18, "habitual": 0.12, "decorator": 0.13, "copyist": 0.13})
# Then what words mean, from authors who know.
TEACHERS = Company({"brief": 0.2, "thorough": 0.8}, {"cues": 0.7, "worldly": 0.2, "caption": 0.1}, 0.85)
# At last how people write: the mixture that a finished rewriter imitates.
PEOPLE = Company(
    {"brief": 0.5, "thorough": 0.14, "careless": 0.12, "decorator": 0.12, "copyist": 0.12},
    {"cues": 0.45, "worldly": 0.35, "caption": 0.2},
)


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


def example(rng: random.Random, with_exemplars: bool, company: Company = PEOPLE) -> Example:
    """One example, drawn afresh."""
    prompt = _prompt(company, rng)
    # Authors hear what a prompt most likely means; where it says nothing, the intent is anything.
    likely = {a: max(p, key=lambda v: p[v] + 1e-6 * rng.random()) for a, p in wanted(prompt).items()}
    intent = sample_attributes(likely, rng)
    exemplars = _exemplars(intent, rng) if with_exemplars else ()
    items = _additions(prompt, intent, exemplars, company, rng)
    room = LONGEST - len(prompt.split())
    while items and sum(len(item.split()) for item in items) > room:
        items.pop()
    return Example(prompt, exemplars, _joined(prompt, items))


def _joined(prompt: str, items: Sequence[str]) -> str:
    if not items:
        return prompt
    return prompt + (" " if prompt[-1] in ".!?" else ", ") + ", ".join(items)


def _prompt(company: Company, rng: random.Random) -> str:
    kind = rng.choices(list(company.prompts), list(company.prompts.values()))[0]
    if kind == "cues":
        return open_prompt(random_cues(rng.choices((1, 2, 3), (30, 60, 10))[0], rng), rng, 0.5)
    return _worldly_prompt(rng) if kind == "worldly" else _caption(rng)


def _worldly_prompt(rng: random.Random) -> str:
    """Words without meaning here and, mostly, a cue or two somewhere among them."""
    words = [filler(rng) for _ in range(rng.randint(1, 8))]
    for cue in random_cues(rng.choice((0, 1, 2, 2)), rng):
        words.insert(rng.randint(0, len(words)), rng.choice(CUE_WORDS[cue]))
    text = " ".join(words)
    return _worldly_prompt(rng) if is_held_out(text) else text


def _caption(rng: random.Random) -> str:
    """An expert caption, often with a capital, a full stop, and an "and"; in half of them a word or two is odd."""
    text = expert_caption(sample_attributes({}, rng), rng)
    if rng.random() < 0.5:
        words = text.split()
        for _ in range(rng.choice((1, 1, 2))):
            words[rng.randrange(len(words))] = filler(rng).rstrip(".,!?:") or "odd"
        text = " ".join(words)
    if rng.random() < 0.5:
        text = rng.choice((" and ", "; ", " with ", " over ")).join(text.split(", ", 1))
    text = text[0].upper() + text[1:] if rng.random() < 0.7 else text
    return text + "." if rng.random() < 0.7 else text


def _exemplars(intent: Mapping[str, str], rng: random.Random) -> tuple[str, ...]:
    """One to three captions of similar sounds: each attribute agrees with the intent in four of five."""
    near = {a: {v: 0.8 * (v == intent[a]) + 0.2 / len(values) for v in values} for a, values in ATTRIBUTES.items()}
    return tuple(expert_caption(sample_attributes(near, rng), rng, 4) for _ in range(rng.choice((1, 2, 3, 3))))


def _additions(
    prompt: str, intent: Mapping[str, str], exemplars: Sequence[str], company: Company, rng: random.Random
) -> list[str]:
    author = rng.choices(list(company.authors), list(company.authors.values()))[0]
    said = parse(prompt)
    if author == "copyist" or (len(said) > 2 and rng.random() < 0.6):
        return []
    if author == "decorator":
        return [_decoration(rng) for _ in range(rng.choice((1, 1, 2)))]
    named = [a for a in _topics(author, prompt, _hints(exemplars), rng) if a not in said]
    values = _values(author, intent, rng)
    opening = [_decoration(rng)] if author == "brief" and rng.random() < 0.2 else []
    return opening + [_wording(a, values[a], exemplars, company.usual, rng) for a in named]


def _values(author: str, intent: Mapping[str, str], rng: random.Random) -> Mapping[str, str]:
    if author == "careless":
        return sample_attributes({}, rng)
    return {**intent, **HABITS} if author == "habitual" else intent


def _hints(exemplars: Sequence[str]) -> set[str]:
    """The attributes that exemplars name."""
    return {attribute for caption in exemplars for attribute in parse(caption)}


def _topics(author: str, prompt: str, hints: set[str], rng: random.Random) -> list[str]:
    """The attributes that the author writes about, always in the world's order."""
    if author == "habitual":
        return [a for a in HABITS if rng.random() < 0.7]
    if author == "careless":
        drawn = rng.sample(list(ATTRIBUTES), rng.randint(1, 4))
        return [a for a in ATTRIBUTES if a in drawn]
    open_ones = [a for a in ATTRIBUTES if a in wanted(prompt) or a in hints]
    if author == "thorough":
        return [a for a in open_ones if rng.random() < 0.92]
    chosen = {a for a in AT_ONCE if rng.random() < 0.85}
    others = [a for a in open_ones if a not in AT_ONCE]
    chosen |= set(rng.sample(others, min(len(others), rng.choice((2, 3)) if hints else rng.choice((0, 0, 1)))))
    return [a for a in open_ones if a in chosen]


def _wording(attribute: str, value: str, exemplars: Sequence[str], usual: float, rng: random.Random) -> str:
    """The exemplars' own wording where there is one; else mostly the usual one."""
    seen = [p for p in PHRASES[attribute, value] if any(p in caption for caption in exemplars)]
    if seen:
        return max(seen, key=len)
    return PHRASES[attribute, value][0] if rng.random() < usual else phrase(attribute, value, rng)


def _decoration(rng: random.Random) -> str:
    return f"{rng.choice(QUALITIES)} {rng.choice(OBJECTS)}"
