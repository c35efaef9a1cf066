"""What a trial's page shows, as the template needs it: the same for a rater, a preview and an example."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.urls import reverse

from listening import rules, wording
from listening.models import Presentation, Question, Trial
from listening.past import Past

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
    playbacks = sorted(presentation.playbacks.all(), key=lambda one: one.letter)
    return [Player(one.letter, reverse("listening:audio", args=[one.token]), one.heard) for one in playbacks]


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


def place(presentation: Presentation, past: Past, clips: int, practice_trials: int, total: int) -> dict[str, Any]:
    """How far the rater is, and about how long the rest takes. Practice is counted for itself.

    clips: on the page. practice_trials, total: of the session, the total without practice.
    """
    session, practice = presentation.session, presentation.trial.kind == Kind.PRACTICE
    here, of = (past.practice, practice_trials) if practice else (past.votes, total)
    of = max(of, here + 1)
    left = of - here + (total - past.votes if practice else 0)
    return {
        "practice": practice,
        "number": here + 1,
        "done": here,
        "total": of,
        "minutes_left": math.ceil(left * pace(past.seconds, clips * session.study.seconds + SECONDS_TO_DECIDE) / 60),
    }


def pace(taken: list[float], expected: float) -> float:
    """Seconds that this rater takes for a trial: the median of the last ones, so that a pause does not count; what is
    expected of somebody who hears each clip once and then decides, until there are some."""
    last = taken[-PACE_OF:]
    return median(last) if len(last) >= PACE_FROM else expected
