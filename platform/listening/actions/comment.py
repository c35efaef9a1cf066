"""What a rater wants to tell us at the end."""

from __future__ import annotations

from datetime import datetime

from listening.models import Session

LONGEST = 2000  # characters


def comment(*, session: Session, text: str, now: datetime) -> bool:
    """Stores a comment on an ended session whose test asks for one, once; returns whether it was stored."""
    words = text.replace("\r\n", "\n").replace("\x00", "").strip()[:LONGEST]
    ended = Session.objects.filter(pk=session.pk, commented_at=None, study__listening_test__comment_asked=True)
    return bool(words) and bool(ended.exclude(state=Session.State.ACTIVE).update(comment=words, commented_at=now))
