"""What a trial's page shows, as the template needs it: the same for a rater, a preview and an example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from listening import rules, wording
from listening.models import Presentation, Question
from listening.schedule import Kind


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
    words = wording.wording(question)
    return {
        "question": question,
        "text": wording.text_of(question),
        "asked": words.prompt,
        "buttons": wording.buttons_of(question),
        "anchors": words.anchors,
        "ends": words.ends,
        "prompt": prompt,
        "players": shown,
        "enough": rules.value("HEARD_SECONDS"),
        "tolerance": rules.value("HEARD_TOLERANCE"),
    }


def place(presentation: Presentation, done: int, total: int) -> dict[str, Any]:
    """How far the rater is. Practice is counted for itself."""
    if presentation.trial.kind == Kind.PRACTICE:
        session = presentation.session
        pool = presentation.trial.question.trials.filter(kind=Kind.PRACTICE).count()
        done = session.presentations.filter(trial__kind=Kind.PRACTICE, state="voted").count()
        total = min(pool, session.study.listening_test.practice_trials)
    return {
        "practice": presentation.trial.kind == Kind.PRACTICE,
        "number": done + 1,
        "done": done,
        "total": max(total, done + 1),
    }
