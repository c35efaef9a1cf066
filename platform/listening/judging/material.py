"""A study's votes and the embeddings of what they were about, as a judge learns from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from inference.judging import folds
from inference.judging.checking import Material
from inference.judging.sides import Sides
from listening import query
from listening.judging.said import Answer, Pair, evidence
from listening.models import Playback
from prompts.models import Prompt
from studies.errors import StudyError
from studies.models import Clip, ClipEmbedding, EngineSpec, Study, TextEmbedding, Work

LEAST_PROMPTS, LEAST_VOTES = 5, 20  # ours: below them nothing is learned that could be checked


@dataclass(frozen=True)
class Gathered:
    """material: with its pairs in the order of `pairs`. texts: of each prompt, itself and what the generator was told.
    fold: by prompt. votes: keys of the votes, ascending. unheard: pairs left out because a scorer never heard them."""

    material: Material
    pairs: list[Pair]
    texts: dict[int, set[str]]
    fold: dict[int, int]
    votes: list[int]
    simulated: bool
    unheard: int

    @property
    def learned(self) -> dict[str, int]:
        """The fold of each text that votes were about, by its mark."""
        return {folds.mark(text): self.fold[prompt] for prompt, texts in self.texts.items() for text in texts}

    def told(self) -> dict[str, Any]:
        """What a judge keeps of it: enough to gather the same again, and to see that it is the same."""
        counts = self.material.seen.votes.sum(0).astype(int).tolist()
        said = [[*pair, *row] for pair, row in zip(self.pairs, self.material.seen.votes.tolist(), strict=True)]
        return {
            "votes": self.votes,
            "fold": {str(prompt): fold for prompt, fold in sorted(self.fold.items())},
            "simulated": self.simulated,
            "pairs": len(self.pairs),
            "outcomes": counts,
            "rated": int((self.material.seen.precision > 0).sum()),
            "unheard": self.unheard,
            "digest": hashlib.sha256(json.dumps(said).encode()).hexdigest(),
        }


def gather(study: Study, scorers: Sequence[EngineSpec], seed: int) -> Gathered:
    """Of people where they have voted, else of simulated raters. Raises StudyError where there is too little."""
    simulated = not query.counted(study, False).exists()
    answers = _answers(study, simulated)
    pairs, seen = evidence(answers)
    heard = [Heard(scorer, pairs) for scorer in scorers]
    known = np.array([all(one.knows(pair) for one in heard) for pair in pairs], bool)
    _enough([pair for pair, good in zip(pairs, known, strict=True) if good], answers, scorers)
    rows = np.flatnonzero(known)
    kept = [pairs[at] for at in rows]
    texts = _texts(kept)
    prompts = sorted(texts)
    family = folds.families([texts[prompt] for prompt in prompts])
    fold = dict(zip(prompts, folds.folds(family, seed).tolist(), strict=True))
    _apart(fold)
    about = np.array([pair.prompt for pair in kept])
    sides = tuple(one.sides(kept) for one in heard)
    material = Material(sides, seen.of(rows), about, np.array([fold[prompt] for prompt in about]))
    voted = {clip for pair in kept for clip in (pair.first, pair.second)}
    votes = sorted({one.vote for one in answers if one.clip in voted})
    return Gathered(material, kept, texts, fold, votes, simulated, len(pairs) - len(kept))


def _answers(study: Study, simulated: bool) -> list[Answer]:
    rows = (
        Playback.objects.filter(presentation__vote__in=query.counted(study, simulated), value__isnull=False)
        .order_by("pk")
        .values_list(
            "presentation__vote",
            "presentation__trial__question",
            "presentation__trial__question__kind",
            "presentation__session__rater",
            "presentation__trial__prompt",
            "stimulus__clip",
            "value",
        )
    )
    return [Answer(*row[:-1], row[-1] or 0.0) for row in rows]


def _texts(pairs: Sequence[Pair]) -> dict[int, set[str]]:
    asked = dict(Prompt.objects.filter(pk__in={pair.prompt for pair in pairs}).values_list("pk", "text"))
    clips = {clip for pair in pairs for clip in (pair.first, pair.second)}
    told = dict(Clip.objects.filter(pk__in=clips).values_list("pk", "text"))
    found = {prompt: {text} for prompt, text in asked.items()}
    for pair in pairs:
        found[pair.prompt] |= {told[pair.first], told[pair.second]}
    return found


class Heard:
    """One scorer's embeddings of what was voted on."""

    def __init__(self, scorer: EngineSpec, pairs: Sequence[Pair]) -> None:
        prompts = dict(Prompt.objects.filter(pk__in={pair.prompt for pair in pairs}).values_list("pk", "text"))
        clips = {clip for pair in pairs for clip in (pair.first, pair.second)}
        embedded = ClipEmbedding.objects.filter(scorer=scorer, clip__in=clips).values_list("clip", "vector")
        read = TextEmbedding.objects.filter(scorer=scorer, state=Work.State.DONE, text__in=set(prompts.values()))
        self.clips = {clip: np.asarray(vector, float) for clip, vector in embedded}
        vectors = {text: np.asarray(vector, float) for text, vector in read.values_list("text", "vector")}
        self.texts = {prompt: vectors[text] for prompt, text in prompts.items() if text in vectors}

    def knows(self, pair: Pair) -> bool:
        return pair.prompt in self.texts and pair.first in self.clips and pair.second in self.clips

    def sides(self, pairs: Sequence[Pair]) -> Sides:
        return Sides(
            np.array([self.texts[pair.prompt] for pair in pairs]),
            np.array([self.clips[pair.first] for pair in pairs]),
            np.array([self.clips[pair.second] for pair in pairs]),
        )


def _enough(pairs: Sequence[Pair], answers: Sequence[Answer], scorers: Sequence[EngineSpec]) -> None:
    prompts, votes = len({pair.prompt for pair in pairs}), len({one.vote for one in answers})
    if answers and not pairs:
        names = ", ".join(scorer.name for scorer in scorers)
        raise StudyError({"judge": [f"{names} has heard no two clips that were voted on: choose the study's scorers."]})
    if prompts < LEAST_PROMPTS or votes < LEAST_VOTES:
        raise StudyError(
            {"judge": [f"{votes} votes on {prompts} prompts: a judge needs {LEAST_VOTES} on {LEAST_PROMPTS} at least."]}
        )


def _apart(fold: dict[int, int]) -> None:
    if len(set(fold.values())) < 2:
        raise StudyError(
            {"judge": ["All prompts share texts with each other: none could be held out, and nothing be checked."]}
        )
