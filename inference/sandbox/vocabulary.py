"""What words mean in the sealed sound world: explicit wording, everyday cues, and the oracle's relevance.

`parse` is all that the synthesiser understands. `wanted` is what a person would expect to hear; only the oracle and
the training samplers know it. The gap between the two is what a rewriter can close.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import prod
from pathlib import Path

from inference.sandbox.cues import LEANS, SCENES
from inference.sandbox.phrases import ALSO, ATTRIBUTES, PHRASES

__all__ = ["ATTRIBUTES", "CUES", "PHRASES", "SCENES", "cues_in", "explicit", "is_held_out", "parse",
           "relevance", "sample_attributes", "shipped_prompts", "still_asked", "wanted"]  # fmt: skip

Wanted = Mapping[str, Mapping[str, float]]  # attribute -> value -> probability; open attributes are absent

LEAN = 0.85  # of the probability goes to the values a cue leans to, the rest to the others, evenly
NOTHING_ASKED = 0.5
PROMPTS = Path(__file__).parent / "data" / "open_prompts.csv"
NEGATIONS = ("no", "not", "without")
_OWNER = {value: a for a, values in ATTRIBUTES.items() for value in values if value != "none"}
_OWNER_NONE = {"drumless": "drums", "clean": "ambience"}


def explicit(attribute: str, values: Iterable[str]) -> dict[str, float]:
    """The distribution of someone who leans to these values of the attribute."""
    named = set(values)
    others = [v for v in ATTRIBUTES[attribute] if v not in named]
    return {v: LEAN / len(named) if v in named else (1 - LEAN) / len(others) for v in ATTRIBUTES[attribute]}


def _leanings(values: str) -> dict[str, dict[str, float]]:
    leanings = {}
    for group in values.split():
        names = group.split("/")
        if group in _OWNER_NONE:
            leanings[_OWNER_NONE[group]] = explicit(_OWNER_NONE[group], ["none"])
        else:
            leanings[_OWNER[names[0]]] = explicit(_OWNER[names[0]], names)
    return leanings


def _read_leans() -> tuple[dict[str, tuple[str, ...]], dict[str, dict[str, dict[str, float]]]]:
    words, leanings = {}, {}
    for line in LEANS:
        names, _, values = line.partition(": ")
        forms = tuple(names.split(", "))
        words[forms[0]] = forms
        leanings[forms[0]] = _leanings(values)
    return words, leanings


# cue -> the words that mean it; cue -> attribute -> value -> probability
CUE_WORDS, CUES = _read_leans()


def _matcher(forms: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(forms, key=len, reverse=True)
    joined = "|".join(re.escape(form).replace(r"\ ", r"[\s-]+") for form in longest_first)
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)")


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text.lower().replace("’", "'")).strip()


def _form(match: str) -> str:
    return re.sub(r"[\s-]+", " ", match)


_MEANING = {_form(p): key for table in (PHRASES, ALSO) for key, forms in table.items() for p in forms}
_PHRASE = _matcher(_MEANING)
_CUE_OF = {_form(word): cue for cue, forms in CUE_WORDS.items() for word in forms}
_CUE = _matcher(_CUE_OF)


def _negated(text: str, start: int) -> bool:
    before = text[:start].split()
    return bool(before) and before[-1] in NEGATIONS


def parse(text: str) -> dict[str, str]:
    """The attributes that phrases of the text name: attribute -> value. The first wins; "no rain" names nothing."""
    text = _tidy(text)
    named: dict[str, str] = {}
    for found in _PHRASE.finditer(text):
        attribute, value = _MEANING[_form(found.group())]
        if not _negated(text, found.start()):
            named.setdefault(attribute, value)
    return named


def cues_in(text: str) -> list[str]:
    """The cues that the text mentions, in order, each once, by their first word."""
    text = _tidy(text)
    return list(dict.fromkeys(_CUE_OF[_form(m.group())] for m in _CUE.finditer(text) if not _negated(text, m.start())))


def _agree(opinions: Sequence[Mapping[str, float]]) -> dict[str, float]:
    joint = {v: prod(o[v] for o in opinions) for v in opinions[0]}
    total = sum(joint.values())
    return {v: p / total for v, p in joint.items()}


def wanted(text: str) -> dict[str, dict[str, float]]:
    """What the text asks for: attribute -> value -> probability (sums to 1). Attributes nobody asked about are absent.

    Explicit phrases are certain. Otherwise the cues' distributions are multiplied and normalised.
    """
    named, cues = parse(text), cues_in(text)
    asked: dict[str, dict[str, float]] = {}
    for attribute, values in ATTRIBUTES.items():
        opinions = [CUES[cue][attribute] for cue in cues if attribute in CUES[cue]]
        if attribute in named:
            asked[attribute] = {v: float(v == named[attribute]) for v in values}
        elif opinions:
            asked[attribute] = _agree(opinions)
    return asked


def relevance(text: str, truth: Mapping[str, str]) -> float:
    """Oracle relevance 0..1 of a sound with these true attributes to a text: the ground truth of the platform.

    Mean over the attributes a that the text asks for of p_a(truth_a) / max_v p_a(v): 1 where the sound has the value
    most asked for, 0 where an explicit wish is broken. A text that asks for nothing is neither kept nor broken: 0.5.
    """
    asked = wanted(text)
    if not asked:
        return NOTHING_ASKED
    return sum(p[truth[a]] / max(p.values()) for a, p in asked.items()) / len(asked)


def still_asked(text: str, rewrite: str) -> float:
    """Share of the attributes that a text asks for, of which a rewrite still wants what was wanted most, 0..1.

    The oracle's view of what a rewrite has kept of the intent: 1 of the text itself, and of a text that asks for
    nothing. An attribute is lost where the rewrite says nothing of it, and where it leans to another value.
    """
    asked, now = wanted(text), wanted(rewrite)
    kept = [a in now and _favourites(now[a]) <= _favourites(p) for a, p in asked.items()]
    return sum(kept) / len(kept) if kept else 1.0


def _favourites(p: Mapping[str, float]) -> set[str]:
    return {value for value, share in p.items() if share > max(p.values()) - 1e-9}


def sample_attributes(asked: str | Mapping[str, object], rng: random.Random) -> dict[str, str]:
    """A value for every attribute. `asked`: a text (its `wanted`), or attribute -> value or distribution.

    What is not asked for is drawn evenly; `sample_attributes(parse(text), rng)` is therefore the synthesiser's rule.
    """
    wishes = wanted(asked) if isinstance(asked, str) else asked
    return {a: _draw(wishes.get(a), values, rng) for a, values in ATTRIBUTES.items()}


def _draw(wish: object, values: tuple[str, ...], rng: random.Random) -> str:
    if isinstance(wish, str):
        return wish
    if isinstance(wish, Mapping):
        return rng.choices(list(wish), list(wish.values()))[0]
    return rng.choice(values)


@cache
def shipped_prompts() -> tuple[dict[str, str], ...]:
    """The rows of the shipped prompt set: text, kind, split, scene, tags."""
    with PROMPTS.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def _held_out_texts() -> frozenset[str]:
    return frozenset(_tidy(row["text"]) for row in shipped_prompts() if row["split"] != "train")


def is_held_out(text: str) -> bool:
    """Whether no training step may see the text: it has all cues of a held-out scene, or is a held-out prompt."""
    present = set(cues_in(text))
    combined = any(cues <= present for cues, split in SCENES.values() if split != "train")
    return combined or _tidy(text) in _held_out_texts()
