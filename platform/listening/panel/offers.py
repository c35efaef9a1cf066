"""Studies that somebody can begin or go on with: how long they take, and what they pay."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from accounts.models import RaterAccount
from listening import consent
from listening.eligibility import in_progress, open_to
from studies.models import Study


@dataclass(frozen=True)
class Offer:
    """minutes: about how long it takes; None for a study that was begun."""

    study: Study
    reward: Decimal | None
    currency: str
    minutes: int | None = None


def offers(account: RaterAccount, language: str) -> list[Offer]:
    """What was begun first. A fixed number of queries, however many studies there are."""
    begun = in_progress(account.rater).select_related("study__listening_test", "study__team").order_by("-last_seen_at")
    new = open_to(account, language)
    return [
        *(_offer(session.study) for session in begun),
        *(_offer(study, consent.duration(study.listening_test, study.trial_count)) for study in new),  # type: ignore[attr-defined]
    ]


def _offer(study: Study, taking: int | None = None) -> Offer:
    return Offer(study, study.listening_test.reward, study.listening_test.currency, taking)
