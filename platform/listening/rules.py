"""The constants of the listening test (PROTOCOL), each open to change by a setting of the same name."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

_DEFAULTS = {
    "LISTENING_LEASE_SECONDS": 900.0,  # a claim nobody returns to is given to someone else after this
    "LISTENING_HEARD_SECONDS": 5.0,  # of each clip, or all of it where it is shorter
    "LISTENING_HEARD_TOLERANCE": 0.25,  # seconds: players report in steps of about this
    "LISTENING_TIES": True,
    "LISTENING_LUFS": -23.0,
    "LISTENING_TRUE_PEAK": -1.0,  # dBTP
}


def value(name: str):
    """The setting LISTENING_<name>, or its default."""
    return getattr(settings, f"LISTENING_{name}", _DEFAULTS[f"LISTENING_{name}"])


def lease() -> timedelta:
    return timedelta(seconds=value("LEASE_SECONDS"))
