"""What was done to a study, written down beside the deed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from studies.models import Event, Study

LONGEST = 200  # characters of a value: a consent text is not repeated whole


def note(*, study: Study, by: User | None, text: str) -> Event:
    return Event.objects.create(study=study, by=by, text=text)


def note_changes(*, study: Study, by: User | None, text: str, changes: Iterable[dict[str, Any]]) -> Event | None:
    """changes: [{"field", "old", "new"}]. What did not change is left out; where nothing did, nothing is written."""
    told = [{"field": c["field"], "old": _told(c["old"]), "new": _told(c["new"])} for c in changes]
    differing = [change for change in told if change["old"] != change["new"]]
    return Event.objects.create(study=study, by=by, text=text, changes=differing) if differing else None


def _told(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set):
        return _short(
            "; ".join(" – ".join(map(str, one)) if isinstance(one, list | tuple) else str(one) for one in value)
        )
    return _short(str(value))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
