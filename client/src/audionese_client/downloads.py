"""Large files: streamed to the disk, and gone on with after a cut."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx

from audionese_client.errors import ApiError
from audionese_client.http import AGAIN, PATIENCE, TRIES, patience, told

TIMEOUT = httpx.Timeout(30, read=300)  # a server that reckons sizes of large files is silent for a while


def fetch(client: httpx.Client, path: str, to: Path, on_bytes: Callable[[int], None]) -> Path:
    """Written beside as NAME.part until it is whole. Where the study has changed meanwhile it begins anew."""
    part, mark = to.with_name(to.name + ".part"), to.with_name(to.name + ".etag")
    attempt, until = 0, time.monotonic() + PATIENCE
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            busy = _more(client, path, part, mark, on_bytes)
        except httpx.TransportError:
            grown = (part.stat().st_size if part.exists() else 0) > before
            attempt = 0 if grown else attempt + 1
            if attempt == TRIES:
                raise
            time.sleep(min(2.0**attempt, 30.0))
            continue
        if busy is None:
            break
        attempt += not told(busy)
        if attempt == TRIES or time.monotonic() > until:
            raise ApiError(busy.status_code, "The server was busy each time.")
        time.sleep(patience(busy, attempt))
    part.replace(to)
    mark.unlink(missing_ok=True)
    return to


def _more(
    client: httpx.Client, path: str, part: Path, mark: Path, on_bytes: Callable[[int], None]
) -> httpx.Response | None:
    """None when it is whole; else the answer of a server that is busy."""
    had = part.stat().st_size if part.exists() and mark.exists() else 0
    headers = {"Range": f"bytes={had}-", "If-Range": mark.read_text()} if had else {}
    with client.stream("GET", path, headers=headers, timeout=TIMEOUT) as response:
        if response.status_code == 416:  # there was nothing left to come
            return None
        if response.status_code in (429, *AGAIN):
            return response
        if response.is_error:
            response.read()
            raise ApiError.of(response)
        if response.status_code != 206:
            had = 0
        mark.unlink(missing_ok=True)
        if etag := response.headers.get("ETag"):
            mark.write_text(etag)
        with part.open("ab" if had else "wb") as file:
            for block in response.iter_bytes():
                file.write(block)
                had += len(block)
                on_bytes(had)
    return None
