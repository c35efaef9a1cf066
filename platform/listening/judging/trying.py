"""How much a judge would gain on a study of the sandbox, by crowds whose taste is known. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from django.db import transaction

from inference.judging.checking import Material
from inference.judging.choosing import worth
from inference.judging.evidence import preferences
from inference.judging.learning import Learned, learn
from inference.judging.measuring import correlation, leaning
from listening.actions.open_trials import open_trials
from listening.listeners import CROWDS
from listening.models import Session, Trial
from listening.simulation import simulate
from studies.models import Study

SESSION = 20  # trials
FIRST, BATCH = 20, 10  # votes at random before a judge chooses, and between two of its trainings


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written within is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def voted(study: Study, crowd: str, seed: int, prompts: int, votes_per_trial: int) -> Study:
    """The study with votes of this crowd alone, given through the listening test as people give theirs.

    To be called within `undone`: what others have said of the study goes.
    """
    Session.objects.filter(study=study).delete()
    Trial.objects.filter(study=study).delete()
    wanted = {"listening_prompts": prompts, "votes_per_trial": votes_per_trial, "trials_per_session": SESSION}
    Study.objects.filter(pk=study.pk).update(**wanted)
    study.listening_questions.update(votes_per_trial=None)
    study = Study.objects.get(pk=study.pk)
    open_trials(study=study)
    needed = votes_per_trial * study.trials.filter(kind=Trial.Kind.STUDY).count()
    simulate(study=study, raters=2 * needed // SESSION + votes_per_trial, seed=seed, listener=CROWDS[crowd]())
    return study


def grown(material: Material, sizes: Sequence[int], seed: int, *, by_worth: bool) -> list[float]:
    """Correlation with all votes of held-out prompts, a fold after the other, after so many votes on the others' pairs:
    taken by what they teach, a batch at a time, or at random. A vote that is asked for is one that was given."""
    found = np.zeros((len(sizes), len(material)))
    for fold in material.folds:
        mine = material.fold == fold
        asked = _Asked(material, np.flatnonzero(~mine), np.random.default_rng([seed, fold]))
        for at, size in enumerate(sizes):
            asked.until(size, by_worth)
            found[at, mine] = 2 * asked.learned().head.chances(material.of(np.flatnonzero(mine))[0]) - 1
    return [correlation(row, leaning(material.seen.votes)) for row in found]


class _Asked:
    """Votes that were asked for so far, of those that were given on some pairs."""

    def __init__(self, material: Material, rows: np.ndarray, chance: np.random.Generator) -> None:
        self.sides, seen = material.of(rows)
        self.chance = chance
        self.got = np.zeros_like(seen.votes)
        given = [np.repeat(np.arange(3), counts.astype(int)) for counts in seen.votes]
        self.left = [chance.permutation(each).tolist() for each in given]

    def until(self, size: int, by_worth: bool) -> None:
        while self.got.sum() < size and any(self.left):
            few = min(BATCH, size - int(self.got.sum()))
            for pair in self._next(by_worth and self.got.sum() >= FIRST)[:few]:
                self.got[pair, self.left[pair].pop()] += 1

    def _next(self, by_worth: bool) -> list[int]:
        """Pairs with votes left, each once, those to be asked first in front."""
        open_ = [pair for pair, votes in enumerate(self.left) if votes]
        if not by_worth:
            votes = [pair for pair in open_ for _ in self.left[pair]]  # each vote is as likely
            return list(dict.fromkeys(self.chance.permutation(votes).tolist()))
        taught = worth(self.learned(), self.sides)
        return sorted(open_, key=lambda pair: -taught[pair])

    def learned(self) -> Learned:
        rows = np.flatnonzero(self.got.sum(1) > 0)
        return learn([each.of(rows) for each in self.sides], preferences(self.got[rows]))
