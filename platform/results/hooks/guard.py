"""Requests that this server makes for somebody else go to the internet, never into its own network.

The name is resolved here, and the connection made to the very address that was judged: a name that is asked twice
may answer twice. Redirects are not followed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpcore
from django.conf import settings
from django.core.exceptions import ValidationError

from inference.engines.addresses import is_public, numbers_of

TIMEOUT = {"connect": 5.0, "read": 10.0, "write": 10.0, "pool": 5.0}


class Forbidden(httpcore.ConnectError):
    """An address that this server does not talk to."""


def check(url: str) -> None:
    """ValidationError where an address can be refused without asking for it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        (host or "").encode("idna")  # as it will be asked for
    except ValueError as error:
        raise ValidationError(f"Not an address: {error}.") from error
    schemes = ("https", "http") if settings.WEBHOOKS_PRIVATE else ("https",)
    if parts.scheme not in schemes or not host or port == 0 or any(c.isspace() or ord(c) < 33 for c in url):
        raise ValidationError(f"An address begins with {schemes[0]}:// and names a host.")
    if not url.isascii():
        raise ValidationError("Write letters beyond ASCII as addresses have them: a host as xn--…, a path as %C3%BC.")
    if parts.username or parts.password:
        raise ValidationError("Leave names and passwords out: what is sent is signed instead.")
    try:
        allowed(host)
    except Forbidden as error:
        raise ValidationError(str(error)) from error


def allowed(host: str) -> None:
    """Raises Forbidden for a number of a private network, and for names that only mean this machine."""
    if settings.WEBHOOKS_PRIVATE:
        return
    if host.rstrip(".").lower() == "localhost" or host.lower().endswith((".localhost", ".local", ".internal")):
        raise Forbidden(f"{host} is inside: only addresses on the internet are told.")
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return
    if not is_public(number):
        raise Forbidden(f"{host} is inside: only addresses on the internet are told.")


class Guarded(httpcore.SyncBackend):
    """Connects to judged addresses alone; TLS still checks the name."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        allowed(host)
        try:
            found = numbers_of(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} was not found.") from error
        for number in found:
            allowed(number)
        return super().connect_tcp(found[0], port, timeout, local_address, socket_options)


def post(url: str, body: bytes, headers: Mapping[str | bytes, str | bytes], most: int) -> tuple[int, bytes]:
    """Status and the first `most` bytes of the answer. Raises httpcore's errors, Forbidden among them."""
    with (
        httpcore.ConnectionPool(network_backend=Guarded(), retries=0) as pool,
        pool.stream("POST", url, headers=headers, content=body, extensions={"timeout": TIMEOUT}) as response,
    ):
        told = b""
        for block in response.iter_stream():
            told += block
            if len(told) >= most:
                break
        return response.status, told[:most]
