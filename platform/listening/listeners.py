"""How simulated raters answer. Pure: what they feel of each clip goes in, the fields of a form come out."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass

from listening.models import Question, Stimulus

Kind, Treatment = Question.Kind, Stimulus.Treatment
# What degrading leaves of the good that a clip does, as a share.
LEFT: dict[str, float] = {
    Treatment.DEGRADE_1: 0.8,
    Treatment.DEGRADE_2: 0.5,
    Treatment.DEGRADE_3: 0.25,
    Treatment.DEGRADE_4: 0.0,
    Treatment.NOISE: 0.0,
}
# What an opinionated listener likes and dislikes of the sandbox's sounds, whatever was asked for (ours).
LIKED: dict[tuple[str, str], float] = {
    ("harmony", "dissonant"): -1.0,
    ("drums", "driving"): -0.5,
    ("space", "echoing"): 0.5,
    ("tone", "bright"): -0.5,
    ("articulation", "choppy"): -0.5,
    ("ambience", "crackle"): -0.5,
}
SPOKEN: dict[str, int] = {Treatment.SAY_BEST: 1, Treatment.SAY_WORST: -1}


@dataclass(frozen=True)
class Listener:
    """A logistic listener: P(first preferred) = 1 / (1 + exp(-difference / noise)), a tie inside the margin.

    noise, margin: in units of oracle relevance, 0..1. attention: share of trials that are really listened to; the
    others are answered by chance, traps among them. habit: an answer given whatever is heard.
    pace: median seconds of thought. taste: relevance that one unit of `LIKED` is worth.
    """

    noise: float = 0.15
    margin: float = 0.04
    attention: float = 1.0
    habit: str = ""
    pace: float = math.e
    taste: float = 0.0

    def feels(self, relevance: float, truth: Mapping[str, str]) -> float:
        """Of a sound with these true attributes: how well it fits, and how far it pleases beside that."""
        return relevance + self.taste * sum(worth for (name, value), worth in LIKED.items() if truth.get(name) == value)

    def thinks(self, chance: random.Random) -> float:
        """Seconds between having heard and answering."""
        return chance.lognormvariate(math.log(self.pace), 0.5)

    def answer(
        self, question: Question, felt: Mapping[str, float], treatments: Mapping[str, str], chance: random.Random
    ) -> dict[str, str]:
        """felt: relevance 0..1 by letter. treatments: what was done to the clips, by letter."""
        if self.habit:
            return _by_habit(question, list(felt), self.habit)
        if chance.random() >= self.attention:
            return _given(question, {letter: chance.random() for letter in felt}, 0.05)
        said = {letter: SPOKEN[treatment] for letter, treatment in treatments.items() if treatment in SPOKEN}
        if said:
            return _given(question, _obeyed(felt, said), 0.0)
        # Two clips of half the noise each differ by the noise.
        heard = {letter: value + self._noise(chance) / math.sqrt(2) for letter, value in felt.items()}
        if question.kind in Question.PAIRS:
            heard = {"a": felt["a"] - felt["b"] + self._noise(chance), "b": 0.0}
        return _given(question, heard, self.margin)

    def _noise(self, chance: random.Random) -> float:
        uniform = min(max(chance.random(), 1e-9), 1 - 1e-9)
        return self.noise * math.log(uniform / (1 - uniform))


def careful() -> Listener:
    return Listener()


def careless() -> Listener:
    """Drifts off in a third of the trials."""
    return Listener(noise=0.25, attention=0.65, pace=1.5)


def at_random() -> Listener:
    return Listener(attention=0.0, pace=0.6)


def always_a() -> Listener:
    return Listener(habit="a", pace=0.5)


def opinionated() -> Listener:
    """Has a taste that CLAP knows nothing of: without any noise, CLAP's difference between two clips correlates with
    this listener's at .22 in the sandbox's main study; the paper found .242 with people."""
    return Listener(taste=0.5)


CROWDS = {
    "careful": careful,
    "careless": careless,
    "random": at_random,
    "always-a": always_a,
    "opinionated": opinionated,
}


def _obeyed(felt: Mapping[str, float], said: Mapping[str, int]) -> dict[str, float]:
    """What a voice asked for: the best or the worst of all."""
    return {letter: (1 + said.get(letter, 0)) / 2 for letter in felt}


def _given(question: Question, heard: Mapping[str, float], margin: float) -> dict[str, str]:
    """The form's fields for what was heard of each clip."""
    ranked = sorted(heard, key=lambda letter: heard[letter])
    match question.kind:
        case Kind.PREFERENCE:
            tied = question.ties and heard[ranked[-1]] - heard[ranked[0]] < margin
            return {"choice": "tie" if tied else ranked[-1]}
        case Kind.CMOS:
            lead = heard["b"] - heard["a"]
            return {"value": str(max(-3, min(3, round(lead * 6))) if abs(lead) >= margin else 0)}
        case Kind.BEST_WORST:
            return {"best": ranked[-1], "worst": ranked[0]}
    return {f"value_{letter}": str(round(100 * max(0.0, min(1.0, value)))) for letter, value in heard.items()}


def _by_habit(question: Question, letters: list[str], habit: str) -> dict[str, str]:
    """The same answer whatever is heard: the first button, the first clip, one mark for all."""
    other = next((letter for letter in letters if letter != habit), habit)
    match question.kind:
        case Kind.PREFERENCE:
            return {"choice": habit}
        case Kind.CMOS:
            return {"value": "-2"}
        case Kind.BEST_WORST:
            return {"best": habit, "worst": other}
    return {f"value_{letter}": "75" for letter in letters}
