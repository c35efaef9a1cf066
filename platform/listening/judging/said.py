"""What raters said of pairs of clips: votes as they are, scale answers z-scored within each listener. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np

from inference.judging.evidence import Evidence
from listening.models import Question

Kind = Question.Kind
Clip = tuple[int, int]  # a prompt's and a clip's key
FIRST, SECOND, TIE = 0, 1, 2
NOISE = 0.7  # standard deviation of a z-scored answer about its clip's mean, where no clip was rated twice (ours)
LOGISTIC = math.pi / math.sqrt(3)  # the logistic distribution's standard deviation


class Answer(NamedTuple):
    """What one vote says of one clip, in the unit of its question."""

    vote: int
    question: int
    kind: str
    rater: int
    prompt: int
    clip: int
    value: float


class Pair(NamedTuple):
    prompt: int
    first: int
    second: int


def evidence(answers: Iterable[Answer]) -> tuple[list[Pair], Evidence]:
    """By pair of clips of one prompt, in the order of their keys."""
    given = list(answers)
    votes, ratings = _votes(given), _leads(given)
    pairs = sorted(votes.keys() | ratings.keys())
    leads = [ratings.get(pair, (0.0, 0.0)) for pair in pairs]
    counts = np.array([votes.get(pair, [0, 0, 0]) for pair in pairs], float).reshape(-1, 3)
    return pairs, Evidence(counts, np.array([lead for lead, _ in leads]), np.array([sure for _, sure in leads]))


def _votes(answers: list[Answer]) -> dict[Pair, list[int]]:
    """Counts of (first, second, neither). Best and worst of four is a comparison with each of the others."""
    by_vote: dict[int, list[Answer]] = defaultdict(list)
    for one in answers:
        if one.kind in (*Question.PAIRS, Kind.BEST_WORST):
            by_vote[one.vote].append(one)
    counts: dict[Pair, list[int]] = defaultdict(lambda: [0, 0, 0])
    for together in by_vote.values():
        for a, b in combinations(sorted(together, key=lambda one: one.clip), 2):
            if a.kind == Kind.BEST_WORST and a.value == b.value:
                continue  # the two in the middle were not compared
            outcome = FIRST if a.value > b.value else SECOND if a.value < b.value else TIE
            counts[Pair(a.prompt, a.clip, b.clip)][outcome] += 1
    return counts


def _leads(answers: list[Answer]) -> dict[Pair, tuple[float, float]]:
    """(lead in logits, its precision) of clips that were rated on a scale.

    A question's ratings of one prompt's k clips are Gaussian about their utilities. The likelihood of what is left when
    the prompt's own mean is taken out is a product over its pairs, each with 1/k of the precision.
    """
    scored = standardised(answers)
    noise = _noise(scored)
    found: dict[Pair, tuple[float, float]] = {}
    by_prompt: dict[tuple[int, int], dict[int, list[float]]] = defaultdict(dict)
    for (question, prompt, clip), values in scored.items():
        by_prompt[question, prompt][clip] = values
    for (_, prompt), clips in by_prompt.items():
        for a, b in combinations(sorted(clips), 2):
            lead = (float(np.mean(clips[a])) - float(np.mean(clips[b]))) * LOGISTIC / (math.sqrt(2) * noise)
            n = 2 * len(clips[a]) * len(clips[b]) / (len(clips[a]) + len(clips[b]))
            pair, sure = Pair(prompt, a, b), 2 * n / len(clips) / LOGISTIC**2
            before, known = found.get(pair, (0.0, 0.0))
            found[pair] = ((before * known + lead * sure) / (known + sure), known + sure)
    return found


def standardised(answers: Iterable[Answer]) -> Mapping[tuple[int, int, int], list[float]]:
    """Answers on a scale as z-scores within their listener, by (question, prompt, clip). A listener who has given one
    mark alone says nothing."""
    scales = [one for one in answers if one.kind in (*Question.SINGLES, Kind.MUSHRA)]
    own: dict[tuple[int, int], list[float]] = defaultdict(list)
    for one in scales:
        own[one.question, one.rater].append(one.value)
    found: dict[tuple[int, int, int], list[float]] = defaultdict(list)
    for one in scales:
        values = own[one.question, one.rater]
        if spread := float(np.std(values)):
            found[one.question, one.prompt, one.clip].append((one.value - float(np.mean(values))) / spread)
    return found


def _noise(scored: Mapping[tuple[int, int, int], list[float]]) -> float:
    """Standard deviation of an answer about its clip's mean."""
    repeated = [values for values in scored.values() if len(values) > 1]
    free = sum(len(values) - 1 for values in repeated)
    if free < 10:
        return NOISE
    return max(math.sqrt(sum(float(np.var(values)) * len(values) for values in repeated) / free), 0.1)
