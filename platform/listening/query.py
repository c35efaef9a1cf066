"""What other rooms read of the listening test. Votes of sessions that are not used are in none of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, IntegerField, Max, OuterRef, QuerySet, Sum
from django.db.models.functions import Least

from listening import claims
from listening.models import Decision, Playback, Presentation, Question, Session, Stimulus, Trial, Vote
from studies.models import Study

Population = Session.Population


class VoteRow(NamedTuple):
    """One preference that counts. `winner`: the preferred arm's key, "tie", or "bad" (both are)."""

    prompt: int
    arm_a: str
    arm_b: str
    winner: str
    rater: int
    simulated: bool
    created_at: datetime
    response_ms: int


class RatingRow(NamedTuple):
    """What one vote says of one arm's clip, in the unit of the question (models/presentation.py, Playback.value).

    versus: of a comparison, the other arm; else empty.
    """

    question: int
    kind: str
    prompt: int
    arm: str
    versus: str
    rater: int
    simulated: bool
    value: float


def votes(study: Study, *, simulated: bool | None = None) -> list[VoteRow]:
    """The study's preferences, oldest first: of people (False), of simulated raters (True), or of both (None).

    Which arm is a and which b says nothing of the side it was heard on. Surplus votes are not among them.
    """
    arms = arms_by_trial(study, Question.Kind.PREFERENCE)
    columns = (
        counted(study, simulated)
        .filter(presentation__trial__question__kind=Question.Kind.PREFERENCE)
        .order_by("created_at", "pk")
        .values_list(
            "presentation__trial_id",
            "presentation__trial__prompt_id",
            "winner__key",
            "choice",
            "presentation__session__rater_id",
            "presentation__population",
            "created_at",
            "response_ms",
        )
    )
    return [
        VoteRow(
            prompt, arms[trial][0], arms[trial][1], winner or choice, rater, group == Population.SIMULATED, created, ms
        )
        for trial, prompt, winner, choice, rater, group, created, ms in columns.iterator()
    ]


def ratings(study: Study, *, simulated: bool | None = None) -> Iterator[RatingRow]:
    """What votes on every other question say of each arm's clip, oldest first."""
    rows = (
        Playback.objects.filter(presentation__vote__in=counted(study, simulated), value__isnull=False)
        .exclude(presentation__trial__question__kind=Question.Kind.PREFERENCE)
        .order_by("pk")
        .values_list(
            "presentation__trial__question_id",
            "presentation__trial__question__kind",
            "presentation__trial_id",
            "presentation__trial__prompt_id",
            "stimulus__arm__key",
            "presentation__session__rater_id",
            "presentation__population",
            "value",
        )
    )
    compared = arms_by_trial(study, Question.Kind.CMOS)
    for question, kind, trial, prompt, arm, rater, group, value in rows.iterator():
        versus = next((other for other in compared.get(trial, ()) if other != arm), "")
        yield RatingRow(question, kind, prompt, arm, versus, rater, group == Population.SIMULATED, value or 0.0)


def counted(study: Study, simulated: bool | None = None) -> QuerySet[Vote]:
    """Votes that count for the study: on its own trials, in time, of sessions that are used."""
    groups = list(claims.COUNTERS) if simulated is None else [Population.SIMULATED if simulated else Population.PEOPLE]
    return Vote.objects.filter(
        presentation__trial__study=study,
        presentation__trial__kind=Trial.Kind.STUDY,
        presentation__state=Presentation.State.VOTED,
        presentation__session__used=True,
        presentation__population__in=groups,
    )


def arms_by_trial(study: Study, kind: str) -> dict[int, tuple[str, ...]]:
    """Keys of the arms of each study trial of such a question, in the trial's own order."""
    rows = Stimulus.objects.filter(trial__study=study, trial__kind=Trial.Kind.STUDY, trial__question__kind=kind)
    found: dict[int, tuple[str, ...]] = {}
    for trial, arm in rows.order_by("trial", "position").values_list("trial_id", "arm__key"):
        found[trial] = (*found.get(trial, ()), arm)
    return found


def excluded(study: Study, *, simulated: bool = False) -> int:
    """Sessions of people, or of simulated raters, whose votes are not used."""
    group = Population.SIMULATED if simulated else Population.PEOPLE
    return Session.objects.filter(study=study, population=group, used=False).count()


def decided(study: Study) -> tuple[Any, ...]:
    """Another one whenever somebody, or a rule, decides which sessions are used."""
    sessions = Session.objects.filter(study=study)
    newest = Decision.objects.filter(session__study=study).aggregate(Max("pk"))
    return sessions.filter(used=False).count(), *newest.values()


def arriving(study: Study) -> tuple[Any, ...]:
    """Another one whenever somebody votes."""
    sessions = Session.objects.filter(study=study).aggregate(Count("pk"), Max("last_seen_at"), Max("finished_at"))
    sums = [Sum(counter) for counter in claims.COUNTERS.values()]
    return *sessions.values(), *study.trials.aggregate(Count("pk"), *sums).values()


class Progress(NamedTuple):
    trials: int
    votes_needed: int
    votes: int
    raters: int


def progress(study: Study, *, simulated: bool = False) -> Progress:
    """How far the listening test of one population is. A study that wants so many votes in all needs no more."""
    counter = claims.COUNTERS[Population.SIMULATED if simulated else Population.PEOPLE]
    trials = study.trials.filter(kind=Trial.Kind.STUDY).aggregate(
        trials=Count("pk"),
        needed=Least(Sum("votes_needed"), Max("study__listening_test__votes_wanted"), output_field=IntegerField()),
        votes=Sum(counter),
    )
    voted = Presentation.objects.filter(
        session=OuterRef("pk"), state=Presentation.State.VOTED, trial__kind=Trial.Kind.STUDY
    )
    group = Population.SIMULATED if simulated else Population.PEOPLE
    raters = Session.objects.filter(Exists(voted), study=study, population=group, used=True).count()
    return Progress(trials["trials"], trials["needed"] or 0, trials["votes"] or 0, raters)
