"""The headphone check: two attempts of six sounds. What is right stays on the server."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from types import ModuleType

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from listening import claims
from listening.actions.end_session import end
from listening.errors import ListeningError
from listening.models import HeadphoneCheck, Session
from listening.models.session import opaque
from listening.stimuli import antiphase, huggins
from listening.stimuli.check import INTERVALS, TRIALS

METHODS: dict[str, ModuleType] = {"antiphase": antiphase, "huggins": huggins}
ATTEMPTS = 2
# Until all are answered, `answers` says which sounds were sent: SENT in the place of each, None for the others.
SENT = -1


class Unheard(ListeningError):  # noqa: N818 (says what happened)
    status = 422
    title = _("Something is still missing")
    message = _("Please play all six sounds and choose an answer for each.")


@transaction.atomic
def begin_check(*, session: Session, now: datetime) -> HeadphoneCheck:
    """The attempt that is open, or a new one."""
    session = claims.lock_session(session)
    last = last_check(session)
    if last and last.answered_at is None:
        return last
    return HeadphoneCheck.objects.create(
        rater=session.rater,
        session=session,
        method=session.study.listening_test.headphones,
        attempt=last.attempt + 1 if last else 1,
        seed=secrets.randbits(62),
        token=opaque(),
        answers=[None] * TRIALS,
        created_at=now,
    )


def last_check(session: Session) -> HeadphoneCheck | None:
    return session.headphone_checks.order_by("attempt").last()


@transaction.atomic
def record_sent(*, check: HeadphoneCheck, trial: int) -> None:
    """Sound 0..5 was sent to its end. Sounds that are sent together wait for each other's note."""
    open_ = HeadphoneCheck.objects.select_for_update(of=("self",), no_key=True).filter(pk=check.pk, answered_at=None)
    if held := open_.first():
        held.answers = [SENT if place == trial else one for place, one in enumerate(held.answers or [])]
        held.save(update_fields=["answers"])


@transaction.atomic
def answer_check(*, session: Session, token: str, given: Sequence[int | None], now: datetime) -> None:
    """Judges the open attempt; one that was judged before, in another tab, stays as it is.

    given: interval 0..2 of each trial. Whoever fails the last attempt is screened out. Raises Unheard where a sound
    was not fetched or has no answer: then nothing is stored.
    """
    session = claims.lock_session(session)
    open_ = session.headphone_checks.select_for_update(of=("self",), no_key=True).filter(answered_at=None, token=token)
    check = open_.first()
    if check is None or not session.active:
        return
    if check.answers != [SENT] * TRIALS or len(given) != TRIALS or any(one not in range(INTERVALS) for one in given):
        raise Unheard
    _judge(check, list(given), now)
    if session.headphone_checks.filter(passed=False).count() >= ATTEMPTS:
        end(session, Session.State.SCREENED, now)


def _judge(check: HeadphoneCheck, given: list[int | None], now: datetime) -> None:
    method = METHODS[check.method]
    check.answers, check.answered_at = given, now
    check.right = sum(one == right for one, right in zip(given, method.answers(check.seed), strict=True))
    check.passed = check.right >= method.RIGHT_NEEDED
    check.save(update_fields=["answers", "answered_at", "right", "passed"])
