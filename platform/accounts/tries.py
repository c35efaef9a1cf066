"""The one limit on signing in: of researchers, of invited raters, and on the codes of second factors.

A try is counted before what was typed is looked at, so that many at once count too; and by what was typed, so that
limits do not tell which names exist.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import Tries

PAUSE = timedelta(minutes=15)
# Wrong ones in a row. The first limit holds whoever guesses; the second, many machines that guess at one name; the
# third, one machine that guesses at many.
OF_NAME_FROM_PLACE, OF_NAME, FROM_PLACE = 5, 25, 100
# Counts one more, unless there are too many and the last of them is not long ago.
COUNT = """
    INSERT INTO accounts_tries AS held (key, count, at) VALUES (%(key)s, 1, %(now)s)
    ON CONFLICT (key) DO UPDATE
        SET at = %(now)s, count = CASE WHEN held.at <= %(long_ago)s THEN 1 ELSE held.count + 1 END
        WHERE held.count < %(most)s OR held.at <= %(long_ago)s
    RETURNING count
"""


class Try:
    """One try. what: is signed in to. name: as typed. place: the client's address, empty where it is not known."""

    def __init__(self, what: str, name: str, place: str, now: datetime | None = None) -> None:
        self.now = now or timezone.now()
        self.limits = {
            _key(what, name, place): OF_NAME_FROM_PLACE,
            _key(what, name): OF_NAME,
            _key("place", place): FROM_PLACE,
        }
        # A limit that is reached keeps the others from filling: who is shut out cannot shut out everybody else.
        counts = list(takewhile(bool, (_count(key, most, self.now) for key, most in self.limits.items())))
        self.allowed = len(counts) == len(self.limits)
        self.is_last = self.allowed and counts[0] == OF_NAME_FROM_PLACE  # if it is wrong, no more for now

    def right(self) -> None:
        """Forgets what was wrong before. Other names that were tried from the same place stay counted."""
        *of_name, from_place = self.limits
        Tries.objects.filter(key__in=of_name).delete()
        Tries.objects.filter(key=from_place, count__gt=0).update(count=F("count") - 1)
        Tries.objects.filter(at__lt=self.now - PAUSE).delete()


def forget(what: str, name: str, place: str) -> None:
    """After signing in in another way."""
    Tries.objects.filter(key__in=[_key(what, name, place), _key(what, name)]).delete()


def _key(*parts: str) -> str:
    return salted_hmac("accounts.tries", "\0".join(part.lower() for part in parts), algorithm="sha256").hexdigest()


def _count(key: str, most: int, now: datetime) -> int:
    """How many it makes; 0 where it is one too many."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"key": key, "most": most, "now": now, "long_ago": now - PAUSE})
        return (cursor.fetchone() or (0,))[0]


def place_of(request: HttpRequest | None) -> str:
    """The client's address: as the nearest trusted proxy saw it, or the connection's own where there is none."""
    if request is None:
        return ""
    if settings.PROXIES:
        seen = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        return seen[-min(settings.PROXIES, len(seen))].strip()
    return request.META.get("REMOTE_ADDR", "")
