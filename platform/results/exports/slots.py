"""How many whole files are made at once, over all processes of all servers: raters come first.

A slot is an advisory lock of PostgreSQL's, held by a transaction on a connection of its own: whoever dies gives it
back, and a pooler in between may pool by transactions.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType

from django.conf import settings
from django.db import connection
from rest_framework.exceptions import APIException

from listening.models import Vote

ROOM = 0x41_75_45_78  # the locks' class: of these alone
COME_BACK = 5  # seconds


class Busy(APIException):
    status_code = 503
    wait = COME_BACK  # becomes Retry-After
    default_detail = "As many whole files are being made as the server makes at once: come back when Retry-After says."


class Slot:
    """Held until it is closed. Raises Busy where none is free."""

    def __init__(self) -> None:
        self._own = connection.copy()
        try:
            if not self._taken():
                raise Busy
        except BaseException:
            self.close()
            raise

    def _taken(self) -> bool:
        self._own.set_autocommit(False)
        with self._own.cursor() as cursor:
            for number in range(settings.EXPORTS_AT_ONCE):
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [ROOM, number])
                if cursor.fetchone() == (True,):
                    return True
        return False

    def votes(self) -> int:
        """How many votes were ever given, those too that came after the file's own transaction began."""
        with self._own.cursor() as cursor:
            cursor.execute("SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, 'id'))", [Vote._meta.db_table])
            return cursor.fetchone()[0] or 0

    def close(self) -> None:
        try:
            if self._own.connection is not None:
                self._own.rollback()  # now, and not when PostgreSQL notices that nobody is there any more
        finally:
            self._own.close()

    def __del__(self) -> None:
        self.close()  # of an answer that nobody sent

    def __enter__(self) -> Slot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.close()


class Held:
    """A stream that gives its slot back when the server is done with it, sent whole, in part or not at all."""

    def __init__(self, blocks: Iterator[bytes], slot: Slot) -> None:
        self._blocks, self._slot = blocks, slot

    def __iter__(self) -> Iterator[bytes]:
        """The slot is free before the last block is sent: whoever has all of a file may ask for the next at once."""
        ahead = next(self._blocks, None)
        while ahead is not None:
            block, ahead = ahead, next(self._blocks, None)
            if ahead is None:
                self.close()
            yield block

    def close(self) -> None:
        if hasattr(self._blocks, "close"):
            self._blocks.close()  # the transaction that it reads in ends first
        self._slot.close()
