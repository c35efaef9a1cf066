"""What other rooms read of the listening test."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Q

from listening.models import Presentation, Vote
from studies.models import Study


class VoteRow(NamedTuple):
    """One vote that counts. `winner`: the preferred arm's key, or "tie"."""

    prompt: int
    arm_a: str
    arm_b: str
    winner: str
    rater: int
    simulated: bool
    created_at: datetime
    response_ms: int


def votes(study: Study, *, simulated: bool | None = None) -> list[VoteRow]:
    """The study's votes, oldest first: of people (False), of simulated raters (True), or of both (None).

    Which arm is a and which b says nothing of the side it was heard on. Surplus votes are not among them.
    """
    rows = Vote.objects.filter(presentation__trial__study=study, presentation__state=Presentation.State.VOTED)
    if simulated is not None:
        rows = rows.filter(presentation__session__rater__simulated=simulated)
    columns = rows.order_by("created_at", "pk").values_list(
        "presentation__trial__prompt_id",
        "presentation__trial__first_arm__key",
        "presentation__trial__second_arm__key",
        "winner__key",
        "presentation__session__rater_id",
        "presentation__session__rater__simulated",
        "created_at",
        "response_ms",
    )
    return [
        VoteRow(prompt, a, b, winner or "tie", rater, programmed, created, ms)
        for prompt, a, b, winner, rater, programmed, created, ms in columns
    ]


class Progress(NamedTuple):
    trials: int
    votes_needed: int
    votes: int
    raters: int


def progress(study: Study, *, simulated: bool = False) -> Progress:
    """How far the listening test of one population is."""
    who = Q(session__rater__simulated=simulated)
    counts = Presentation.objects.filter(who, trial__study=study, state=Presentation.State.VOTED).aggregate(
        votes=Count("pk"), raters=Count("session__rater", distinct=True)
    )
    needed = list(study.trials.values_list("votes_needed", flat=True))
    return Progress(len(needed), sum(needed), counts["votes"], counts["raters"])
