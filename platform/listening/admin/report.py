"""What the raters' page shows: a line for each session, and a picture of all of them. Pure but for reading."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from listening import query
from listening.models import Decision, Session
from listening.pseudonyms import pseudonym
from listening.quality.evidence import evidence
from listening.quality.rules import CHANCE, Verdict, verdicts
from studies import kept
from studies.models import Study

WIDTH, HEIGHT, EDGE = 560, 180, 30  # of the picture, in its own units
FURTHEST = 6.0  # powers of ten, beyond which the picture does not tell apart


@dataclass(frozen=True)
class Line:
    """x, y: place in the picture, x None without an agreement. use, pay: the newest decisions, if there are any."""

    session: Session
    name: str
    verdict: Verdict
    use: Decision | None
    pay: Decision | None

    @property
    def x(self) -> float | None:
        share = self.verdict.measures.agreement.share
        return None if share is None else EDGE + share * (WIDTH - 2 * EDGE)

    @property
    def y(self) -> float:
        return height(self.verdict.measures.chance)


def lines(study: Study, population: str) -> list[Line]:
    """Those against whom a rule speaks first, then the newest."""
    sessions = Session.objects.filter(study=study, population=population).prefetch_related("decisions__by")
    by_pk = {session.pk: session for session in sessions}
    found = verdicts_of(study, population)
    made = [_line(study, by_pk[at], one) for one in found if (at := one.measures.session) in by_pk]
    return sorted(made, key=lambda line: (line.verdict.use and line.session.used, -line.session.pk))


def verdicts_of(study: Study, population: str) -> list[Verdict]:
    """As `verdicts`; while people vote they may be some seconds old."""
    stamp = kept.stamp(query.decided(study), query.arriving(study))
    compute = partial(_verdicts, study, population)
    return kept.kept(study, f"verdicts {population}", stamp, list[Verdict], compute)


def _verdicts(study: Study, population: str) -> list[Verdict]:
    return verdicts(evidence(study, population))


def _line(study: Study, session: Session, verdict: Verdict) -> Line:
    newest = {decision.about: decision for decision in session.decisions.all()}
    name = pseudonym(study, session.rater_id)
    return Line(session, name, verdict, newest.get(Decision.About.USE), newest.get(Decision.About.PAY))


def height(chance: float) -> float:
    """Where log-odds stand in the picture: by chance above, listening below."""
    tens = max(-FURTHEST, min(FURTHEST, chance / math.log(10)))
    return HEIGHT / 2 - tens / FURTHEST * (HEIGHT / 2 - EDGE / 2)


def picture() -> dict:
    """What the picture has besides its dots."""
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": EDGE,
        "right": WIDTH - EDGE,
        "limit": height(CHANCE),
        "even": height(0.0),
        "half": WIDTH / 2,
    }
