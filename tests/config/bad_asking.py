"""Requests that are almost those of the table: drawn by a seed, so that whatever is found can be found again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from random import Random
from urllib.parse import quote, quote_plus

from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.config.access_addresses import PATTERNS, address, filled, queried, sent
from tests.config.access_table import TABLE, Row
from tests.config.access_world import World
from tests.config.bad_words import COOKIES, IN_HEADERS, RANGES, TYPES, as_json, damaged, mutated, value, word

ASKERS = ("anonymous", "viewer", "owner", "owner", "administrator", "stranger", "rater", "rater", "script", "script")
METHODS = ("GET", "GET", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW")
HEADERS = (
    "Accept", "Accept-Language", "Accept-Encoding", "Authorization", "Host", "If-None-Match", "If-Modified-Since",
    "Range", "If-Range", "Idempotency-Key", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-ID", "X-CSRFToken",
    "Origin", "Referer", "X-HTTP-Method-Override", "Content-Length", "Content-Encoding", "Content-Disposition",
    "traceparent", "User-Agent",
)  # fmt: skip
QUERIES = (
    "q", "p", "o", "e", "all", "cursor", "page_size", "ordering", "status", "team", "basis", "share", "gain",
    "question", "study", "study__id__exact", "team__id__exact", "id__in", "pk__gt", "created_at__gte", "_popup",
    "_to_field", "next", "format", "arm", "prompt", "version", "audio", "exclude", "term", "app_label", "model_name",
    "field_name", "language", "PROLIFIC_PID", "STUDY_ID", "SESSION_ID", "workerId", "assignmentId", "participant",
    "provider", "kind", "seconds", "prompt_set", "sort", "page", "position", "value", "rater", "csv", "download",
    "state", "_changelist_filters",
)  # fmt: skip
FORMS = ("application/x-www-form-urlencoded", MULTIPART_CONTENT, "application/json")


@dataclass(frozen=True)
class Asked:
    """where: the address as it goes over the wire."""

    role: str
    method: str
    where: str
    body: bytes = b""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Drawing:
    """An endless row of requests to one world's addresses. names: of the table."""

    def __init__(self, world: World, seed: int, names: list[str]) -> None:
        self.world, self.random, self.names = world, Random(seed), names
        self._sent = cache(lambda name, at: sent(name, TABLE[name][at], world))

    def __iter__(self) -> Iterator[Asked]:
        while True:
            yield self.one(self.random.choice(self.names))

    def one(self, name: str) -> Asked:
        at = self.random.randrange(len(TABLE[name]))
        row, role = TABLE[name][at], self.random.choice(ASKERS)
        method = "POST" if self._drawn(0.45) else self.random.choice(METHODS)
        body, content_type = self._body(name, at) if method in ("POST", "PUT", "PATCH") else (b"", "")
        return Asked(role, method, self._where(name, row), body, content_type, self._headers(role))

    def _drawn(self, share: float) -> bool:
        return self.random.random() < share

    def _where(self, name: str, row: Row) -> str:
        path = address(name, filled(row, self.world))
        parts = path.split("/")
        if self._drawn(0.3):
            at = self.random.randrange(1, len(parts))
            parts[at] = word(self.random)[:2_000] if self._drawn(0.6) else mutated(self.random, parts[at])
        given = "/".join(quote(part, safe="", errors="surrogatepass") for part in parts)
        query = queried(row, self.world)
        if self._drawn(0.5):
            names = self.random.sample(QUERIES, self.random.randint(1, 3))
            query = f"{query}&{as_form({one: word(self.random) for one in names})}".strip("&")
        return f"{given}?{query}" if query else given

    def _headers(self, role: str) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.world.keys['owner']}"} if role == "script" else {}
        for _ in range(self.random.choice((0, 0, 0, 1, 2))):
            name = self.random.choice(HEADERS)
            headers[name] = self.random.choice(RANGES if name == "Range" else IN_HEADERS)
        if self._drawn(0.05):
            headers["Cookie"] = self.random.choice(COOKIES)
        return headers

    def _body(self, name: str, at: int) -> tuple[bytes, str]:
        given = dict(self._sent(name, at))
        for _ in range(self.random.choice((0, 1, 1, 2, 4))):
            self._spoil(given)
        form = FORMS[2] if name.startswith("api:") and self._drawn(0.9) else self.random.choice(FORMS)
        body = self._written(given, form)
        if self._drawn(0.15):
            body = damaged(self.random, body)
        return body, self.random.choice(TYPES) if self._drawn(0.1) else form

    def _spoil(self, given: dict) -> None:
        """One field is another, gone, or new."""
        name = self.random.choice([*given, "no-such", *QUERIES[:3]])
        if self._drawn(0.15):
            given.pop(name, None)
        else:
            given[name] = value(self.random) if self._drawn(0.3) else word(self.random)

    def _written(self, given: dict, form: str) -> bytes:
        if form == "application/json":
            plain = {name: one if _plain(one) else str(one) for name, one in given.items()}
            return as_json(plain)
        told = {name: one if hasattr(one, "read") else _text(one) for name, one in given.items()}
        for file in [one for one in told.values() if hasattr(one, "seek")]:
            file.seek(0)
        if form == MULTIPART_CONTENT:
            return encode_multipart(BOUNDARY, told)
        return as_form({name: one if isinstance(one, str) else "" for name, one in told.items()}).encode()


def as_form(told: dict[str, str]) -> str:
    """As addresses and forms are written; halves of characters too."""
    return "&".join(f"{_quoted(name)}={_quoted(one)}" for name, one in told.items())


def _quoted(text: str) -> str:
    return quote_plus(text, errors="surrogatepass")


def _plain(one: object) -> bool:
    return one is None or isinstance(one, str | int | float | list | dict)


def _text(one: object) -> str:
    text = one if isinstance(one, str) else json.dumps(one) if isinstance(one, list | dict) else str(one)
    return text.encode("utf-8", "replace").decode()


def alone(drawn: Iterable[Asked]) -> Iterator[list[Asked]]:
    """Each request for itself."""
    return ([one] for one in drawn)


def named(*rooms: str, without: Collection[str] = ()) -> list[str]:
    """The table's addresses of these rooms, as in `api:`, that are there."""
    return [name for name in TABLE if name in PATTERNS and name.startswith(rooms) and name not in without]
