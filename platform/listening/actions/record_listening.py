"""What was sent and what was played: the two halves of having heard a clip."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from listening import claims, hearing
from listening.models import Playback, Presentation, Session


def record_served(*, playback: Playback, start: int, stop: int, now: datetime) -> None:
    """Bytes start..stop of one clip were sent. They count where they join what was sent before, without a gap.

    One conditional update, so that requests that arrive together add up whatever their order.
    """
    Playback.objects.filter(pk=playback.pk, served__gte=start).update(served=Greatest(F("served"), Value(stop)))
    if playback.presentation.first_served_at is None:
        Presentation.objects.filter(pk=playback.presentation_id, first_served_at=None).update(first_served_at=now)


@transaction.atomic
def record_heard(*, session: Session, token: str, played: dict[str, float], now: datetime) -> None:
    """The player's own count of seconds played, by letter; believed as far as the clock allows.

    Raises UnknownPair, or NotYours.
    """
    current = claims.locked_presentation(session, token)
    if current.state == Presentation.State.CLAIMED:
        keep(credit(current, list(current.playbacks.all()), played, now))


def credit(
    presentation: Presentation, playbacks: list[Playback], played: dict[str, float], now: datetime
) -> list[Playback]:
    """Sets what is believed on the rows at hand, without saving them. Returns those for which it was news."""
    if presentation.first_served_at is None or presentation.shown_at is None:
        return []
    # A clip that was fetched ahead could not be played before its page was there.
    elapsed = (now - max(presentation.first_served_at, presentation.shown_at)).total_seconds()
    before = [one.heard for one in playbacks]
    for one in playbacks:
        others = sum(other.heard for other in playbacks if other is not one)
        one.heard = hearing.credited(played.get(one.letter, 0.0), one.heard, others, elapsed)
    return [one for one, heard in zip(playbacks, before, strict=True) if one.heard != heard]


def keep(playbacks: Iterable[Playback]) -> None:
    for one in playbacks:
        one.save(update_fields=["heard"])
