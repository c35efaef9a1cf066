"""Studies that somebody can begin or go on with: how long they take, and what they pay."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import RaterAccount
from listening import consent
from listening.eligibility import in_progress, open_to
from listening.models import ListeningTest, Question
from listening.schedule import schedule
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
        *(_offer(study, minutes(study, study.trial_count)) for study in new),  # type: ignore[attr-defined]
    ]


def _offer(study: Study, taking: int | None = None) -> Offer:
    return Offer(study, study.listening_test.reward, study.listening_test.currency, taking)


def minutes(study: Study, trials: int) -> int:
    """As consent.duration, which counts the trials itself. Wants the questions prefetched."""
    test = study.listening_test
    planned = len(schedule(min(study.trials_per_session, trials), test.traps_per_ten, test.gold_per_ten, seed=0))
    clips = max((_clips(question.kind) for question in study.listening_questions.all()), default=2)
    each = clips * study.seconds + consent.SECONDS_TO_DECIDE
    before = consent.SECONDS_FOR_HEADPHONES if test.headphones != ListeningTest.Headphones.NONE else 0
    return max(1, math.ceil(((planned + test.practice_trials) * each + before) / 60))


def _clips(kind: str) -> int:
    return 1 if kind in Question.SINGLES else 2 if kind in Question.PAIRS else 4
