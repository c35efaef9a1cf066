"""Requests that survive a slow or restarting server."""

from __future__ import annotations

import time
import uuid
from typing import Any

import httpx

from audionese_client.errors import ApiError

TRIES = 5
LONGEST = 60.0  # seconds between two tries
PATIENCE = 900.0  # seconds, of coming back when the server says so
AGAIN = (502, 503, 504)


class Connection:
    """Waits where the server says so (429), and tries again where it could not be reached."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def get(self, path: str, **params: Any) -> Any:
        return self._answered("GET", path, params=_given(params)).json()

    def content(self, path: str) -> bytes:
        return self._answered("GET", path).content

    def post(self, path: str, body: Any = None) -> Any:
        """With a key of its own: sent again after a lost answer, it is done once."""
        return self._answered("POST", path, json=body or {}, headers={"Idempotency-Key": str(uuid.uuid4())}).json()

    def _answered(self, method: str, path: str, **request: Any) -> httpx.Response:
        attempt, until = 0, time.monotonic() + PATIENCE
        while True:
            try:
                response = self.client.request(method, path, **request)
            except httpx.TransportError:
                attempt += 1
                if attempt == TRIES:
                    raise
                time.sleep(min(2.0**attempt, LONGEST))
                continue
            attempt += not told(response)
            if not _waits(response) or attempt == TRIES or time.monotonic() > until:
                break
            time.sleep(patience(response, attempt))
        if response.is_error:
            raise ApiError.of(response)
        return response


def _waits(response: httpx.Response) -> bool:
    """Too many requests; a server that is not there; the same write still under way."""
    under_way = response.status_code == 409 and "still under way" in response.text
    return response.status_code in (429, *AGAIN) or under_way


def told(response: httpx.Response) -> bool:
    """Whether the server says when to come back: that is no failure, however often it says so."""
    return response.status_code in (429, 503) and "Retry-After" in response.headers


def patience(response: httpx.Response, attempt: int) -> float:
    after = response.headers.get("Retry-After", "")
    return min(float(after) if after.isdigit() else 2.0**attempt, LONGEST)


def _given(params: dict[str, Any]) -> dict[str, Any] | None:
    """None where there are none: an empty set would take the query from the address of a further page."""
    return {name: _flag(value) for name, value in params.items() if value is not None} or None


def _flag(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
