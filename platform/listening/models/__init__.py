"""One noun a file: a test has questions, a question has trials, a session claims presentations of them and votes."""

from listening.models.decision import Decision
from listening.models.presentation import LETTERS, Playback, Presentation
from listening.models.provider import Provider
from listening.models.question import Question
from listening.models.screening import HeadphoneCheck
from listening.models.session import Session
from listening.models.test import ListeningTest
from listening.models.trial import Stimulus, Trial
from listening.models.vote import Vote

__all__ = [
    "LETTERS",
    "Decision",
    "HeadphoneCheck",
    "ListeningTest",
    "Playback",
    "Presentation",
    "Provider",
    "Question",
    "Session",
    "Stimulus",
    "Trial",
    "Vote",
]
