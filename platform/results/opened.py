"""A study that somebody looks at: what its tabs, figures and tables read, each computed when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from listening import query
from listening.query import VoteRow
from results.measurements import Measurements, Packed, measure, packed, unpacked
from results.summary import results_of
from studies.kept import Stamp, kept, stamp
from studies.models import Arm, Study, StudyJudge


class Crowd(NamedTuple):
    """Who gave the preferences that count: how many, how many raters, and whether these are simulated.

    excluded: sessions of the same kind of raters that are not used.
    """

    votes: int
    raters: int
    simulated: bool
    excluded: int


class Opened:
    """asked: the address's parameters, as in {"arm": "instruct"}."""

    def __init__(self, study: Study, asked: Mapping[str, str] | None = None) -> None:
        self.study, self.asked = study, asked or {}
        self._read: dict[str, Any] = {}

    def kept(self, name: str, kind: Any, compute: Callable[[], Any]) -> Any:
        """What `compute` returns, of this type; kept for the next reader (studies/kept.py)."""
        if name not in self._read:
            self._read[name] = kept(self.study, name, self.stamp, kind, compute)
        return self._read[name]

    @cached_property
    def stamp(self) -> Stamp:
        """Of everything that the study has; `so_far` is empty while it is at work."""
        study = self.study
        engines = (study.generator.name, study.feedback_scorer.name, study.evaluation_scorer.name)
        fields = [getattr(study, field.attname) for field in study._meta.concrete_fields]
        decided = (fields, engines, list(study.arms.values_list()), query.decided(study), self.judge and self.judge.pk)
        # Until it is complete, rows of work come in all the time.
        arriving = query.arriving(study) if study.status == Study.Status.COMPLETE else None
        return stamp(decided, arriving)

    @property
    def up_to_date(self) -> bool:
        """Whether the results that are kept hold all that the study has."""
        stamp = self.stamp
        return self.study.kept.filter(name="results", rests_on=stamp.rests_on, so_far=stamp.so_far).exists()

    @cached_property
    def judge(self) -> StudyJudge | None:
        """The newest that was trained on its votes."""
        return self.study.judges.select_related("spec").first()

    @cached_property
    def arms(self) -> list[Arm]:
        return list(self.study.arms.all())

    @cached_property
    def measured(self) -> Measurements:
        found = self.kept("measured", Packed, lambda: packed(measure(self.study)))
        return unpacked(found, self.arms)

    @property
    def results(self) -> dict[str, Any]:
        return self.kept("results", dict[str, Any], lambda: results_of(self.study, self.measured))

    @cached_property
    def votes(self) -> list[VoteRow]:
        """Preferences that count, of people where there are any, else of simulated raters."""
        every = query.votes(self.study)
        people = [vote for vote in every if not vote.simulated]
        return people or every

    @property
    def crowd(self) -> Crowd:
        return self.kept("crowd", Crowd, self._crowd)

    def _crowd(self) -> Crowd:
        simulated = bool(self.votes) and self.votes[0].simulated
        excluded = query.excluded(self.study, simulated=simulated)
        return Crowd(len(self.votes), len({vote.rater for vote in self.votes}), simulated, excluded)

    @cached_property
    def names(self) -> dict[str, str]:
        """Of arms, by key."""
        return {arm.key: arm.name for arm in self.arms}

    @cached_property
    def originals(self) -> set[str]:
        return {arm.key for arm in self.arms if arm.method == Arm.Method.ORIGINAL}

    @cached_property
    def rewriting(self) -> list[Arm]:
        return [arm for arm in self.arms if arm.key not in self.originals]
