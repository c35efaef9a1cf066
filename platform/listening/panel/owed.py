"""What an invited rater has earned, and where each session stands: open, being checked, to be paid, paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from listening.models import Session

State = Session.State
ENDS: dict[str, Promise] = {
    State.ACTIVE: _("Closed before you finished"),
    State.COMPLETE: _("Finished"),
    State.LEFT: _("Left early"),
    State.SCREENED: _("Ended before the test"),
    State.RETURNED: _("Given back"),
    State.TIMED_OUT: _("Ended: time was up"),
}
CHECKED, DUE, PAID, REFUSED = "checked", "due", "paid", "refused"


@dataclass(frozen=True)
class Ended:
    """One session that is over. money: where its reward stands; empty: there is none."""

    session: Session
    state: Promise
    money: str
    reward: Decimal | None
    currency: str


@dataclass(frozen=True)
class Balance:
    currency: str
    due: Decimal
    checked: Decimal
    paid: Decimal


def ended(session: Session) -> Ended:
    """The session with its study and the study's listening test at hand."""
    return Ended(session, ENDS[session.state], _standing(session), session.reward, session.currency)


def _standing(session: Session) -> str:
    if not session.reward:
        return ""
    if session.paid_at:
        return PAID
    if session.payable is not None:
        return DUE if session.payable else REFUSED
    # The reward is for a completed session; another one is paid only where somebody has decided so.
    return CHECKED if session.state == State.COMPLETE else ""


def balances(sessions: Iterable[Ended]) -> list[Balance]:
    """Sums by currency."""
    sums: dict[str, defaultdict[str, Decimal]] = {}
    for one in sessions:
        if one.money in (CHECKED, DUE, PAID) and one.reward:
            sums.setdefault(one.currency, defaultdict(Decimal))[one.money] += one.reward
    return [
        Balance(currency, sums[currency][DUE], sums[currency][CHECKED], sums[currency][PAID])
        for currency in sorted(sums)
    ]
