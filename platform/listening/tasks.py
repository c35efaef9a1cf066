"""What is done for raters without anybody asking. Celery shells: each calls one action."""

from __future__ import annotations

import logging

from celery import shared_task

from listening.actions.forget_raters import forget_raters
from listening.actions.keep_judges import keep_judges
from listening.actions.time_out import time_out_sessions
from studies import clock

logger = logging.getLogger(__name__)


@shared_task(name="listening.tasks.time_out", ignore_result=True)
def time_out() -> None:
    """Gives back what sessions hold that took longer than their test allows."""
    if ended := time_out_sessions(now=clock.now()):
        logger.info("%s sessions timed out.", ended)


@shared_task(name="listening.tasks.judges", ignore_result=True)
def judges() -> None:
    """Trains judges by which trials are given out, where votes have come in."""
    if trained := keep_judges():
        logger.info("%s judges were trained.", trained)


@shared_task(name="listening.tasks.forget", ignore_result=True)
def forget() -> None:
    """Forgets the raters of sessions that are older than their study keeps them."""
    sessions, people = forget_raters(now=clock.now())
    if sessions:
        logger.info("%s sessions and %s people were forgotten.", sessions, people)
