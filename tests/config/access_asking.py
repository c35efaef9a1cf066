"""One request: what was answered, what was told, and what it wrote. The database forgets it at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

WRITES = re.compile(r'\s*(INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


class Seen:
    """echoes: what the address itself says, so no news to whoever asks. look: at what is there afterwards."""

    def __init__(
        self,
        client: Client,
        method: str,
        where: str,
        body: dict | None = None,
        echoes: tuple = (),
        look: Callable[[], Any] = lambda: None,
        **headers: str,
    ) -> None:
        self.where, self.echoes, self.written = where, echoes, set[str]()
        for file in [value for value in (body or {}).values() if hasattr(value, "seek")]:
            file.seek(0)
        with _undone(), connection.execute_wrapper(self._note):
            as_json = {"content_type": "application/json"} if where.startswith("/api/") and method == "POST" else {}
            call = getattr(client, method.lower())
            self.response = call(where, data=body or ({} if as_json else None), headers=headers or None, **as_json)
            self.text, self.found = self._text(), look()

    def _note(self, execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if (found := WRITES.match(sql)) and context["cursor"].rowcount:
            self.written.add(found[2])
        return result

    def _text(self) -> str:
        """All that the browser is told, but for the address that it asked for itself and what is in it."""
        content = self.response.getvalue() if self.response.streaming else self.response.content
        said = content.decode(errors="replace") + self.response.headers.get("Location", "")
        path = self.where.partition("?")[0]
        for echo in (self.where, path, quote(path, safe=""), quote(self.where), *self.echoes):
            said = said.replace(echo, "…")
        return TOKEN.sub("", said)

    @property
    def changed(self) -> list[str]:
        """But for what is kept of a page and of its being asked for."""
        return sorted(self.written - {"django_session", "studies_kept", "accounts_auditentry", "accounts_tries"})

    @property
    def answer(self) -> str:
        status = self.response.status_code
        words = {403: "forbidden", 404: "absent", 405: "method"}
        if status < 300 or status == 304:
            return "ok"
        return _led(self.response.url, self.where) if status in (301, 302) else words.get(status, str(status))

    @property
    def outcome(self) -> str:
        """As the table says it."""
        if self.response.status_code >= 500:
            return f"an error: {self.response.exc_info[1]!r}"
        if not self.changed:
            return self.answer
        return "done" if self.answer == "ok" else f"{self.answer}, though it changed {' '.join(self.changed)}"

    @property
    def refusal(self) -> str:
        """What a form said that was sent back."""
        context = self.response.context
        errors = context.get("errors") if context and self.answer == "ok" else None
        return f" ({'; '.join(map(str, errors))})" if errors else ""


def _led(to: str, came: str) -> str:
    path = to.partition("?")[0]
    if path in (reverse("admin:login"), reverse("results:login")):
        return "login"
    arrives = re.fullmatch(r"/listen/[\w-]+/", path) and came.startswith("/listen/")
    return "door" if arrives or path == reverse("panel:sign_in") else "ok"


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
