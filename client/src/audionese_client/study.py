"""A study as an object: what it is, what it has, and what can be done with it."""

from __future__ import annotations

import html
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from httpx_sse import connect_sse

from audionese_client.downloads import fetch
from audionese_client.errors import ApiError, StudyStoppedError
from audionese_client.http import Connection, patience
from audionese_client.records import Records

Told = dict[str, Any]


@dataclass(frozen=True)
class Progress:
    """steps: of work, each with kind, name, done, failed, running, waiting, total. votes: of people, that count."""

    status: str
    status_reason: str
    seconds_left: float | None
    steps: list[Told]
    votes: int
    votes_needed: int

    def __str__(self) -> str:
        steps = ", ".join(f"{step['name']} {step['done']}/{step['total']}" for step in self.steps if step["total"])
        return f"{self.status}: {steps}" if steps else self.status


class Study:
    """told: as the server described it; its fields are attributes, as `study.status`. `refresh` asks again."""

    def __init__(self, connection: Connection, told: Told) -> None:
        self._connection, self.told = connection, told
        self._address = f"studies/{told['slug']}"

    def __getattr__(self, name: str) -> Any:
        told = self.__dict__.get("told", {})
        if name in told:
            return told[name]
        raise AttributeError(f"A study has no {name!r}; it has {', '.join(told)}.")

    @property
    def slug(self) -> str:
        return str(self.told["slug"])

    @property
    def status(self) -> str:
        """draft, running, paused, complete or cancelled, when it was last asked."""
        return str(self.told["status"])

    def refresh(self) -> Study:
        self.told = self._connection.get(self._address)
        return self

    # What it has.

    def records(self, kind: str, /, **filters: Any) -> Records:
        """Of a kind as the API names it, as in `clip-embeddings`."""
        return Records(self._connection, f"{self._address}/{kind}", kind, filters)

    def prompts(self, **filters: Any) -> Records:
        return self.records("prompts", **filters)

    def arms(self, **filters: Any) -> Records:
        return self.records("arms", **filters)

    def rewrites(self, **filters: Any) -> Records:
        return self.records("rewrites", **filters)

    def clips(self, **filters: Any) -> Records:
        return self.records("clips", **filters)

    def scores(self, **filters: Any) -> Records:
        return self.records("scores", **filters)

    def checkpoints(self, **filters: Any) -> Records:
        return self.records("checkpoints", **filters)

    def trials(self, **filters: Any) -> Records:
        return self.records("trials", **filters)

    def sessions(self, **filters: Any) -> Records:
        return self.records("sessions", **filters)

    def votes(self, **filters: Any) -> Records:
        return self.records("votes", **filters)

    def results(self) -> Told:
        """Complete, or so far."""
        return self._told("results")

    def progress(self) -> Progress:
        return Progress(**self._told("progress"))

    def figures(self) -> list[Told]:
        return list(self._connection.get(f"{self._address}/figures"))

    def tables(self) -> list[Told]:
        return list(self._connection.get(f"{self._address}/tables"))

    def figure(self, name: str, form: str = "svg") -> bytes:
        """form: svg, pdf, png, json (Vega-Lite) or csv (its numbers)."""
        return self._connection.content(f"{self._address}/figures/{name}.{form}")

    def table(self, name: str, form: str = "csv") -> str:
        """form: csv, md or tex (booktabs)."""
        return self._connection.content(f"{self._address}/tables/{name}.{form}").decode()

    def clip(self, clip: int) -> bytes:
        """FLAC, as the generator made it."""
        return self._connection.content(f"{self._address}/clips/{clip}.flac")

    def download(self, name: str, to: str | Path, on_bytes: Callable[[int], None] = lambda count: None) -> Path:
        """A whole file: export.jsonl is `export`; bundle.zip, dataset.zip, audio.tar, votes.csv and the like.

        What was cut off goes on where it was. on_bytes: told how many there are by now.
        """
        return fetch(self._connection.client, f"{self._address}/{name}", Path(to), on_bytes)

    # What can be done with it.

    def launch(self) -> Study:
        return self._done("launch")

    def pause(self) -> Study:
        return self._done("pause")

    def resume(self) -> Study:
        return self._done("resume")

    def cancel(self) -> Study:
        return self._done("cancel")

    def retry(self, kind: str | None = None, error: str | None = None) -> Study:
        """Failed rows wait again: of one kind, or that failed for one reason, where these are given."""
        given = {"kind": kind, "error": error}
        return self._done("retry", {name: value for name, value in given.items() if value is not None})

    def wait(
        self, timeout: float | None = None, on_progress: Callable[[Progress], None] = lambda progress: None
    ) -> Study:
        """Until it is complete. timeout: seconds, then TimeoutError. StudyStoppedError where it will not go on."""
        until = None if timeout is None else time.monotonic() + timeout
        attempt = 0
        while True:
            try:
                again, attempt = self._followed(on_progress, until), 0
            except (httpx.TransportError, httpx.TimeoutException):
                again, attempt = min(2.0**attempt, 30.0), attempt + 1
            if again is None:
                return self.refresh()
            if until is not None and time.monotonic() + again > until:
                raise TimeoutError(f"{self.slug} was not complete after {timeout:g} s; it goes on by itself.")
            time.sleep(again)

    def _followed(self, on_progress: Callable[[Progress], None], until: float | None) -> float | None:
        """Through one stream of events; in how many seconds to come back, None when it is complete."""
        again, path = 2.0, f"{self._address}/events"
        with connect_sse(self._connection.client, "GET", path, timeout=httpx.Timeout(30, read=60)) as source:
            if source.response.is_error:
                source.response.read()
                if source.response.status_code in (429, 502, 503, 504):
                    return patience(source.response, 0)
                raise ApiError.of(source.response)
            for event in source.iter_sse():
                again = event.retry / 1000 if event.retry else again
                if event.event == "progress":
                    progress = Progress(**json.loads(event.data))
                    on_progress(progress)
                    if progress.status == "complete":
                        return None
                    if progress.status in ("paused", "cancelled", "draft"):
                        raise StudyStoppedError(f"{self.slug} is {progress.status}. {progress.status_reason}".strip())
                if until is not None and time.monotonic() > until:
                    break
        return again

    def _told(self, name: str) -> Told:
        return dict(self._connection.get(f"{self._address}/{name}"))

    def _done(self, verb: str, body: Told | None = None) -> Study:
        self.told = self._connection.post(f"{self._address}/{verb}", body)
        return self

    def __repr__(self) -> str:
        return f"Study({self.slug!r}, {self.status})"

    def _repr_html_(self) -> str:
        shown = ("name", "status", "team", "prompt_set", "generator", "feedback_scorer", "evaluation_scorer")
        cells = (f"<tr><th>{name}</th><td>{html.escape(str(self.told[name]))}</td></tr>" for name in shown)
        return f"<table>{''.join(cells)}</table>"
