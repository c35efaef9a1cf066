"""A researcher's look at the test: a session like any rater's, of a population that counts nowhere."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Rater, User
from listening import consent, providers
from listening.actions.begin_session import begin_session
from listening.models import Question, Session
from studies.models import Study


def preview_of(study: Study, user: User) -> Session | None:
    """The one that the user has begun."""
    mine = Session.objects.filter(study=study, rater__provider=providers.PREVIEW, rater__external_id=_who(study, user))
    return mine.select_related("rater", "question").first()


@transaction.atomic
def begin_preview(*, study: Study, user: User, question: Question, language: str, now: datetime) -> Session:
    """Begins anew in any case: what was previewed before is forgotten."""
    end_preview(study=study, user=user)
    session = begin_session(
        study=study,
        provider=providers.PREVIEW,
        external_id=_who(study, user),
        population=Session.Population.PREVIEW,
        consent=consent.text(study),
        consent_version=consent.version(study),
        arrival={},
        language=language,
        now=now,
    )
    session.question = question
    session.save(update_fields=["question"])
    return session


def end_preview(*, study: Study, user: User) -> None:
    """With the rater goes all that their session holds, and what other previews would believe of it."""
    Rater.objects.filter(provider=providers.PREVIEW, external_id=_who(study, user)).delete()


def _who(study: Study, user: User) -> str:
    """A rater a user and study, so that what was met in one preview is new in the next."""
    return f"user {user.pk} study {study.pk}"
