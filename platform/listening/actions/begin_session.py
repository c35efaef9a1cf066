"""Consent: from here on we know somebody."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import ConsentText, Rater
from listening.models import Session
from studies.models import Study


@transaction.atomic
def begin_session(
    *,
    study: Study,
    provider: str,
    external_id: str,
    consent: str,
    arrival: dict[str, str],
    now: datetime,
    simulated: bool = False,
) -> Session:
    """The rater's session in this study; the one that is there, if they consented before (in another tab, say)."""
    rater, _ = Rater.objects.get_or_create(
        provider=provider, external_id=external_id, defaults={"simulated": simulated}
    )
    session, _ = Session.objects.get_or_create(
        study=study,
        rater=rater,
        defaults={
            "consent": ConsentText.keep(consent),
            "arrival": arrival,
            "started_at": now,
            "last_seen_at": now,
        },
    )
    return session
