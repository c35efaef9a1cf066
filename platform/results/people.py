"""A study's raters as its pages show them: pseudonyms, what they did, whether they are used and why not."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

import numpy as np

from listening.models import Decision, Session
from listening.pseudonyms import pseudonym
from listening.quality.agreement import agreements
from listening.quality.evidence import Evidence, evidence
from listening.query import VoteRow
from results.measures.agreement import Agreement, alpha
from results.opened import Opened

Population = Session.Population


@dataclass(frozen=True)
class Line:
    """agrees: share of comparisons that go with most others, 0..1. seconds: median of an answer. why: of not using."""

    name: str
    votes: int
    agrees: float | None
    seconds: float | None
    used: bool
    state: str
    why: str
    by: str


def population(page: Opened) -> str:
    people = Session.objects.filter(study=page.study, population=Population.PEOPLE).exists()
    return Population.PEOPLE if people else Population.SIMULATED


def lines(page: Opened) -> list[Line]:
    """Sessions that voted, those not used first."""
    return page.kept("raters", list[Line], lambda: _lines(page))


def _lines(page: Opened) -> list[Line]:
    group = population(page)
    sessions = {
        one.pk: one
        for one in Session.objects.filter(study=page.study, population=group).prefetch_related("decisions__by")
    }
    crowd = evidence(page.study, group)
    agreed = agreements(crowd, [pk for pk, one in sessions.items() if not one.used])
    made = [_line(page, sessions[one.session], one, agreed[one.session].share) for one in crowd if one.answers]
    return sorted(made, key=lambda line: (line.used, line.name))


def _line(page: Opened, session: Session, one: Evidence, agrees: float | None) -> Line:
    against = next(
        (each for each in session.decisions.all() if each.about == Decision.About.USE and not session.used), None
    )
    return Line(
        name=pseudonym(page.study, session.rater_id),
        votes=len(one.answers),
        agrees=agrees,
        seconds=round(median(answer.seconds for answer in one.answers), 1),
        used=session.used,
        state=session.get_state_display(),
        why=" ".join(reason["text"] for reason in against.reasons) if against else "",
        by=str(against.by) if against and against.by else "a rule" if against else "",
    )


def preference_agreement(page: Opened) -> Agreement:
    """Krippendorff's α of preferences: a unit is a prompt and a pair of arms, a value the preferred arm or neither."""
    return page.kept("agreement", Agreement, lambda: _preference_agreement(page))


def _preference_agreement(page: Opened) -> Agreement:
    places = {place: at for at, place in enumerate(dict.fromkeys(map(_unit, page.votes)))}
    units = np.array([places[_unit(vote)] for vote in page.votes])
    return alpha(units, np.array([vote.winner for vote in page.votes]))


def _unit(vote: VoteRow) -> tuple[int, str, str]:
    return vote.prompt, vote.arm_a, vote.arm_b
