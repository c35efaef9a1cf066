"""What a trial's page shows, as the template needs it: the same for a rater, a preview and an example."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.urls import reverse

from listening import claims, rules, wording
from listening.models import Presentation, Question, Session, Trial

Kind = Trial.Kind
SECONDS_TO_DECIDE = 8  # of a trial, besides hearing each clip once: until the rater's own pace is known
PACE_OF, PACE_FROM = 10, 3  # the rater's last trials, once there are so many
TOGETHER = (Question.Kind.MUSHRA,)  # switching goes on at the same place


@dataclass(frozen=True)
class Player:
    """One clip under its letter. audio: the address its sound is fetched from. heard: seconds of earlier visits."""

    letter: str
    audio: str
    heard: float = 0.0

    @property
    def name(self) -> str:
        return self.letter.upper()


def players(presentation: Presentation) -> list[Player]:
    rows = presentation.playbacks.order_by("letter").values_list("letter", "token", "heard")
    return [Player(letter, reverse("listening:audio", args=[token]), heard) for letter, token, heard in rows]


def screen(question: Question, shown: list[Player], prompt: str) -> dict[str, Any]:
    """Everything that does not depend on who looks."""
    return {
        "question": question,
        "text": wording.text_of(question),
        "asked": wording.ASKED,
        "words": wording.wording(question),
        "buttons": wording.buttons_of(question),
        "together": question.kind in TOGETHER,
        "prompt": prompt,
        "players": shown,
        "enough": rules.value("HEARD_SECONDS"),
        "tolerance": rules.value("HEARD_TOLERANCE"),
    }


def addresses(slug: str) -> dict[str, str]:
    """Where the page sends what; an example's page sends nothing."""
    names = {"vote_url": "vote", "next_url": "trial", "heard_url": "heard", "ahead_url": "ahead", "leave_url": "leave"}
    return {name: reverse(f"listening:{view}", args=[slug]) for name, view in names.items()}


def place(presentation: Presentation, done: int, total: int) -> dict[str, Any]:
    """How far the rater is, and about how long the rest takes. Practice is counted for itself."""
    session, practice = presentation.session, presentation.trial.kind == Kind.PRACTICE
    here, of = _practice(session) if practice else (done, total)
    of = max(of, here + 1)
    left = of - here + (total - done if practice else 0)
    return {
        "practice": practice,
        "number": here + 1,
        "done": here,
        "total": of,
        "minutes_left": math.ceil(left * pace(presentation) / 60),
    }


def _practice(session: Session) -> tuple[int, int]:
    pool = session.question.trials.filter(kind=Kind.PRACTICE).count()
    done = session.presentations.filter(trial__kind=Kind.PRACTICE, state__in=claims.GIVEN).count()
    return done, min(pool, session.study.listening_test.practice_trials)


def pace(presentation: Presentation) -> float:
    """Seconds that this rater takes for a trial: the median of the last ones, so that a pause does not count."""
    given = presentation.session.presentations.filter(vote__isnull=False, shown_at__isnull=False)
    times = given.order_by("-vote__pk").values_list("shown_at", "vote__created_at")[:PACE_OF]
    taken = [(voted - shown).total_seconds() for shown, voted in times if shown]
    return median(taken) if len(taken) >= PACE_FROM else _expected(presentation)


def _expected(presentation: Presentation) -> float:
    """Of somebody who hears each clip once and then decides."""
    return presentation.playbacks.count() * presentation.session.study.seconds + SECONDS_TO_DECIDE
