"""Which trials teach the study's judge most. What each is worth is reckoned when a judge is trained, not when somebody
waits for the next page."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from inference.judging.choosing import worth
from inference.judging.learning import Learned
from listening.design import UNIFORM
from listening.judging.material import Heard
from listening.judging.said import Pair
from listening.models import Question, Session, Stimulus, Trial
from studies.models import EngineSpec, Study, StudyJudge


def worths(study: Study, scorers: Sequence[EngineSpec], learned: Learned) -> dict[str, float]:
    """By the key of each trial that compares two clips which all scorers have heard."""
    trials = _pairs(study)
    heard = [Heard(scorer, list(trials.values())) for scorer in scorers]
    known = [trial for trial, pair in trials.items() if all(one.knows(pair) for one in heard)]
    if not known:
        return {}
    found = worth(learned, [one.sides([trials[trial] for trial in known]) for one in heard])
    return {str(trial): round(float(value), 6) for trial, value in zip(known, found, strict=True)}


def _pairs(study: Study) -> dict[int, Pair]:
    rows = Stimulus.objects.filter(
        trial__study=study, trial__kind=Trial.Kind.STUDY, trial__question__kind__in=Question.PAIRS
    )
    clips: dict[tuple[int, int], list[int]] = {}
    for trial, prompt, clip in rows.order_by("trial", "clip").values_list("trial", "trial__prompt", "clip"):
        clips.setdefault((trial, prompt), []).append(clip)
    return {
        trial: Pair(prompt, first, second)
        for (trial, prompt), both in clips.items()
        for first, second in combinations(both, 2)
    }


def drawn(session: Session, trials: Sequence[int]) -> list[set[int]]:
    """The trials one by one, those that teach most likely to come early; a share of draws does not look at that.

    Of trials that no judge has been asked about, any. Without a judge: all at once, for the emptiest to come first.
    """
    judge = StudyJudge.objects.filter(study=session.study_id).first()
    known = judge.material.get("worth", {}) if judge else {}
    if not known:
        return [set(trials)]
    chance = random.Random(f"{session.token}/{session.presentations.count()}")
    usual = float(np.mean(list(known.values())))
    worth = {trial: known.get(str(trial), usual) for trial in sorted(trials)}
    total = sum(worth.values()) or 1.0
    odds = {trial: UNIFORM / len(worth) + (1 - UNIFORM) * value / total for trial, value in worth.items()}
    # Drawn without putting back, each by its odds (Efraimidis and Spirakis 2006).
    return [{trial} for trial in sorted(odds, key=lambda trial: -(chance.random() ** (1 / odds[trial])))]
