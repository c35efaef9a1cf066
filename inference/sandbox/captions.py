"""Training text for the sandbox's models: expert captions, open prompts and mixtures of both, drawn at random.

No sampler here ever writes the cues of a held-out scene together, a shipped held-out prompt, or reserved wording.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import cache
from math import exp, log

from inference.sandbox.vocabulary import ATTRIBUTES, CUE_WORDS, CUES, PHRASES, is_held_out

NOUNS = ("music", "song", "track", "piece", "tune", "melody", "sound", "background music", "loop")
OCCASIONS = ("my video", "the intro", "a scene", "my friends", "a short film", "the evening", "my channel", "a story")
OPENERS = ("", "", "", "a ", "some ", "i need ", "make ", "looking for ", "please ", "give me ", "something ")
ENDINGS = ("", "", "", "", " please", " pls", " vibes", " mood", " for {occasion}", " for {occasion}")
CAPTION_FRAMES = (
    "{list}",
    "a piece with {list}",
    "a recording of {list}",
    "{list}, well balanced",
    "this track has {list}",
)
# Only held-out expert captions are framed so.
RESERVED_FRAMES = ("a well balanced recording with {list}", "this piece has {list}")
SOUNDS = "bl br ch cl d dr f fl g gr h j k l m n p pl pr qu r s sc sh sk sn sp st str t th tr v w y z b c".split()  # noqa: SIM905
VOWELS = "a e i o u ea ee oo ai ou io y ie a e i o".split()  # noqa: SIM905
CODAS = ["", "", "", *"n r l s t m ck ng nd st th p d x ll ss ve te".split()]  # noqa: SIM905
TAILS = ["", "", "", *"s ing er ed y ion ly al ment ness ful ous ity 's".split()]  # noqa: SIM905


def made_up_word(rng: random.Random) -> str:
    """A word nobody knows that looks like one: how models learn to treat words they have never seen."""
    syllables = rng.choices((1, 2, 3), (45, 48, 7))[0]
    word = "".join(rng.choice(SOUNDS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(syllables))
    return word + rng.choice(TAILS)


def phrase(attribute: str, value: str, rng: random.Random) -> str:
    """One wording of the value, never the reserved one."""
    return rng.choice(PHRASES[attribute, value][:-1])


def expert_caption(truth: Mapping[str, str], rng: random.Random, least: int = 3) -> str:
    """A caption that names at least `least` of the attributes, as a person with musical training would."""
    named = rng.sample(list(truth), rng.randint(min(least, len(truth)), len(truth)))
    wording = ", ".join(phrase(a, truth[a], rng) for a in named)
    return rng.choice(CAPTION_FRAMES).format(list=wording)


@cache
def _evidence() -> dict[str, dict[tuple[str, str], float]]:
    """cue -> (attribute, value) -> log-likelihood ratio against an even draw."""
    return {
        cue: {(a, v): log(p * len(ATTRIBUTES[a])) for a, ps in leanings.items() for v, p in ps.items()}
        for cue, leanings in CUES.items()
    }


def fitting_cues(truth: Mapping[str, str], count: int, rng: random.Random) -> list[str]:
    """Cues drawn in proportion to how well they explain the sound; never a held-out combination."""
    keys = set(truth.items())
    weight = {cue: exp(sum(r for key, r in ratios.items() if key in keys)) for cue, ratios in _evidence().items()}
    chosen: list[str] = []
    while len(chosen) < count:
        cue = rng.choices(list(weight), list(weight.values()))[0]
        if cue not in chosen and not is_held_out(" ".join([*chosen, cue])):
            chosen.append(cue)
    return chosen


def random_cues(count: int, rng: random.Random) -> list[str]:
    """Different cues, evenly drawn; never a held-out combination."""
    while is_held_out(" ".join(cues := rng.sample(list(CUES), count))):
        pass
    return cues


def open_prompt(cues: Sequence[str], rng: random.Random, strange: float = 0.5) -> str:
    """A prompt as people type them, which mentions these cues; with probability `strange` some made-up words."""
    words = [rng.choice(CUE_WORDS[cue]) for cue in cues]
    if rng.random() < strange:
        words.insert(rng.randint(0, len(words)), made_up_word(rng))
    rng.shuffle(words)
    if rng.random() < 0.7:
        words.append(rng.choice(NOUNS))
    occasion = rng.choice((*OCCASIONS, made_up_word(rng)))
    text = rng.choice(OPENERS) + " ".join(words) + rng.choice(ENDINGS).format(occasion=occasion)
    return open_prompt(cues, rng, strange) if is_held_out(text) else text


def mixed_caption(truth: Mapping[str, str], cues: Sequence[str], rng: random.Random) -> str:
    """An open prompt followed by some explicit wording: what a rewriter makes of a prompt."""
    named = rng.sample(list(truth), rng.randint(1, min(6, len(truth))))
    return f"{open_prompt(cues, rng, 0.3)}, {', '.join(phrase(a, truth[a], rng) for a in named)}"


def describe(truth: Mapping[str, str], rng: random.Random) -> str:
    """A fresh training text for a clip with these true attributes: half expert, a quarter open, a quarter mixed."""
    kind = rng.choices(("expert", "open", "mixed"), (50, 25, 25))[0]
    if kind == "expert":
        return expert_caption(truth, rng)
    cues = fitting_cues(truth, rng.choices((1, 2, 3), (40, 50, 10))[0], rng)
    return open_prompt(cues, rng) if kind == "open" else mixed_caption(truth, cues, rng)
