"""Attention checks: what a rater who listens answers to a trap or a gold trial. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from listening.models import Question, Stimulus

Treatment, Kind = Stimulus.Treatment, Question.Kind
HIGH, LOW = 80.0, 20.0  # of 100: a mark that was asked for, give or take a thumb's width
NOISE_AT_MOST, DEGRADED_AT_MOST = 40.0, 60.0


def passed(question: Question, treatments: Mapping[str, str], values: Mapping[str, float]) -> bool:
    """Whether the answer is that of somebody who heard what was played.

    treatments, values: by letter. A voice that asks for an answer gets it; what was made worse is not preferred.
    """
    spoken = {one: t for one, t in treatments.items() if t in (Treatment.SAY_BEST, Treatment.SAY_WORST)}
    if spoken:
        return all(_obeyed(question, one, treatment, values) for one, treatment in spoken.items())
    worse = [one for one, treatment in treatments.items() if treatment]
    others = [value for one, value in values.items() if one not in worse]
    if question.kind in Question.SINGLES:
        limit = NOISE_AT_MOST if question.kind == Kind.RELEVANCE else DEGRADED_AT_MOST
        return all(values[one] <= limit for one in worse)
    return all(values[one] < max(others) for one in worse)


def _obeyed(question: Question, letter: str, treatment: str, values: Mapping[str, float]) -> bool:
    best = treatment == Treatment.SAY_BEST
    if question.kind in (*Question.SINGLES, Kind.MUSHRA):
        return values[letter] >= HIGH if best else values[letter] <= LOW
    return values[letter] == (max if best else min)(values.values()) and len(set(values.values())) > 1
