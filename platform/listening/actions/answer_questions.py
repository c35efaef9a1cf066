"""The answers to what is asked before the test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from listening import claims, qualification
from listening.actions.end_session import end
from listening.errors import ListeningError
from listening.models import Session


class Unanswered(ListeningError):  # noqa: N818 (says what happened)
    status = 422
    title = _("Something is still missing")
    message = _("Please answer every question.")


@transaction.atomic
def answer_questions(*, session: Session, given: Sequence[str | None], now: datetime) -> Session:
    """Stores the answers, once. Whoever the test is not for is screened out.

    given: one option a question, in their order. Raises Unanswered; then nothing is stored.
    """
    session = claims.lock_session(session)
    asked = session.study.listening_test.qualification
    if not session.active or session.qualification is not None:
        return session
    if not qualification.answered(asked, given):
        raise Unanswered
    session.qualification = [
        {"question": one["question"], "answer": answer} for one, answer in zip(asked, given, strict=True)
    ]
    session.save(update_fields=["qualification"])
    if not qualification.accepted(asked, given):
        end(session, Session.State.SCREENED, now)
    return session
