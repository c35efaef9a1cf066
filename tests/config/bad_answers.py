"""What an answer to a bad request may not be: an error of ours, a half-done write, a word of how we are made."""

from __future__ import annotations

import re
import site
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from tests.config.access_asking import WRITES
from tests.config.access_world import World
from tests.config.bad_asking import Asked

# Written of whoever asks, whatever comes of it: that they were here, how often they tried, what was computed for them.
KEPT = {"django_session", "studies_kept", "accounts_auditentry", "accounts_tries", "accounts_apitoken"}
# Of pages of raters, whose refusals say so: what was heard so far, and that their time is up, stay.
OF_RATERS = {"listening_playback", "listening_presentation", "listening_session", "listening_trial"}
OURS = re.compile(
    "|".join(re.escape(word) for word in (
        str(settings.ROOT), str(settings.DATA), *site.getsitepackages(), "site-packages", "/usr/lib/", 'File "/',
        "Traceback (most recent", " object at 0x", "django.db", "psycopg", "errors.pydantic.dev", "SELECT ",
        "INSERT INTO ", "DELETE FROM ", "DETAIL:", "violates ", 'relation "', 'constraint "',
    ))
)  # fmt: skip


class Target:
    """A world, and what its tables hold while nothing was written."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.contents = {table: content(table) for table in connection.introspection.table_names()}


def content(table: str) -> tuple:
    """How many rows it has, and what is in them."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*), sum(hashtextextended(t::text, 0)) FROM "{table}" t')  # noqa: S608
        return cursor.fetchone()


def sent(target: Target, steps: Iterable[Asked]) -> list[Answered]:
    """Requests that follow each other as long as they are led on; the database forgets them at once."""
    answers: list[Answered] = []
    with transaction.atomic():
        contents = dict(target.contents)
        for asked in steps:
            answers.append(Answered(target.world, asked, contents))
            if answers[-1].status >= 400 or connection.needs_rollback:
                break
            contents |= {table: content(table) for table in answers[-1].written}
        transaction.set_rollback(True)
    return answers


class Answered:
    """One request and its answer. contents: of the tables before."""

    def __init__(self, world: World, asked: Asked, contents: dict[str, tuple]) -> None:
        self.asked, self.written = asked, set[str]()
        client = world.client("anonymous" if asked.role == "script" else asked.role)
        with connection.execute_wrapper(self._note):
            self._send(client)
        refused = self.status >= 400 or self.sent_back
        allowed = KEPT | (OF_RATERS if asked.where.startswith("/listen/") else set())
        self.half_done = [
            table
            for table in sorted(self.written - allowed)
            if refused and not connection.needs_rollback and content(table) != contents[table]
        ]

    def _send(self, client: Client) -> None:
        asked, own = self.asked, [f"{one.key}={one.coded_value}" for one in client.cookies.values()]
        more = {"Cookie": "; ".join([*own, asked.headers["Cookie"]])} if "Cookie" in asked.headers else {}
        headers = {name: text for name, text in {**asked.headers, **more}.items() if _plays(name, text, asked)}
        self.response = client.generic(asked.method, asked.where, asked.body, asked.content_type, headers=headers)
        self.body = self.response.getvalue() if self.response.streaming else self.response.content
        self.status = self.response.status_code

    def _note(self, execute, sql, params, many, context):
        if found := WRITES.match(sql):
            self.written.add(found[2])
        return execute(sql, params, many, context)

    @property
    def sent_back(self) -> bool:
        """A form that says what is wrong with it."""
        context = self.response.context if self.status == 200 and self.asked.method == "POST" else None
        return bool(context and (context.get("errors") or getattr(context.get("form"), "errors", None)))

    @property
    def faults(self) -> Iterator[str]:
        if self.status >= 500:
            yield f"{self.status}: {(self.response.exc_info or (None, None))[1]!r}"[:300]
        said = self.body.decode(errors="replace") + str(self.response.headers)
        if found := OURS.search(said):
            yield f"told {said[max(0, found.start() - 40) : found.end() + 60]!r}"
        if self.half_done:
            yield f"{self.status}, though it changed {' '.join(self.half_done)}"

    def __str__(self) -> str:
        asked = self.asked
        return f"{asked.role} {asked.method} {asked.where[:200]} {str(asked.headers)[:200]} {asked.body[:200]!r}"


def _plays(name: str, text: str, asked: Asked) -> bool:
    """A body shorter than it is said to be is waited for by the web server; Django's client has none to wait with."""
    return name != "Content-Length" or not text.isdecimal() or (len(text) < 10 and int(text) <= len(asked.body))


class Fired:
    """What became of `count` requests, or a few more. judge: what else may be wrong with an answer.

    taken: those that were answered with what was asked for, or led on.
    """

    def __init__(
        self,
        target: Target,
        drawn: Iterator[list[Asked]],
        count: int,
        judge: Callable[[Answered], Iterable[str]] = lambda answered: (),
    ) -> None:
        self.statuses, self.wrong = Counter[int](), list[str]()
        while self.statuses.total() < count:
            for one in sent(target, next(drawn)):
                self.statuses[one.status] += 1
                self.wrong += [f"{one} -> {fault}" for fault in (*one.faults, *judge(one))]

    @property
    def taken(self) -> int:
        return sum(count for status, count in self.statuses.items() if status < 400)

    @property
    def refused(self) -> int:
        return sum(count for status, count in self.statuses.items() if status >= 400)

    def __str__(self) -> str:
        return "\n".join([f"{self.statuses.total()} requests, {dict(self.statuses)}", *self.wrong])
