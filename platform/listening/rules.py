"""The constants of the listening test (PROTOCOL), each open to change by a setting of the same name.

What a study chooses for itself is a column of its listening test.
"""

from __future__ import annotations

from django.conf import settings

_DEFAULTS = {
    "LISTENING_HEARD_SECONDS": 5.0,  # of each clip, or all of it where it is shorter
    "LISTENING_HEARD_TOLERANCE": 0.25,  # seconds: players report in steps of about this
    "LISTENING_LUFS": -23.0,
    "LISTENING_TRUE_PEAK": -1.0,  # dBTP
    "LISTENING_REMEMBER_SECONDS": 5.0,  # for which a web process believes what it read of a study's test; 0: never
    "LISTENING_HEADPHONES_HOURS": 24.0,  # for which a passed headphone check is believed
}


def value(name: str):
    """The setting LISTENING_<name>, or its default."""
    return getattr(settings, f"LISTENING_{name}", _DEFAULTS[f"LISTENING_{name}"])
