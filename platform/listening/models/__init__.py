"""One noun a file: a trial wants votes, a session gives them, a presentation claims one, a vote answers."""

from listening.models.presentation import Presentation
from listening.models.session import Session
from listening.models.trial import Trial
from listening.models.vote import Vote

__all__ = ["Presentation", "Session", "Trial", "Vote"]
