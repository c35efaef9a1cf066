"""What was sent and what was played: the two halves of having heard a clip."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Greatest

from listening import hearing
from listening.models import Presentation


def record_served(*, presentation: Presentation, side: str, start: int, stop: int, now: datetime) -> None:
    """Bytes start..stop of one side were sent. They count where they join what was sent before, without a gap.

    One conditional update, so that requests that arrive together add up whatever their order.
    """
    served = f"{side}_served"
    Presentation.objects.filter(pk=presentation.pk, **{f"{served}__gte": start}).update(
        **{served: Greatest(F(served), Value(stop))}, first_served_at=Coalesce("first_served_at", Value(now))
    )


@transaction.atomic
def record_heard(*, presentation: Presentation, played: dict[str, float], now: datetime) -> None:
    """The player's own count of seconds played, by side; believed as far as the clock allows."""
    claimed = Presentation.objects.filter(pk=presentation.pk, state=Presentation.State.CLAIMED)
    if current := claimed.select_for_update(of=("self",), no_key=True).first():
        credit(current, played, now)
        current.save(update_fields=["a_heard", "b_heard"])


def credit(presentation: Presentation, played: dict[str, float], now: datetime) -> None:
    """Sets what is believed on the row at hand, without saving it."""
    if presentation.first_served_at is None:
        return
    elapsed = (now - presentation.first_served_at).total_seconds()
    a, b = presentation.a_heard, presentation.b_heard
    presentation.a_heard = a = hearing.credited(played.get("a", 0.0), a, b, elapsed)
    presentation.b_heard = hearing.credited(played.get("b", 0.0), b, a, elapsed)
