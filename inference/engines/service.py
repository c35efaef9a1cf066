"""Any HTTP service as a generator: a request is posted, a sound file comes back."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import os
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from inference.engines.addresses import public_numbers_of
from inference.engines.blackbox import OURS, BlackBox, Passing, allowed
from inference.engines.parameters import HttpParameters
from inference.engines.protocols import EngineError

ALLOWED, INSIDE = "AUDIONESE_SERVICES", "AUDIONESE_SERVICES_PRIVATE"
_SECRET = "env:"  # noqa: S105 (what comes before a variable's name)
_LONGEST_PAUSE = 60.0  # seconds, of those that we choose
_MESSAGE = 4_096  # bytes of a refusal that are read


class HttpGenerator(BlackBox):
    """Posts to `parameters.url` for each sound.

    Only services that the worker's AUDIONESE_SERVICES names are called. Checkpoint and revision name the model behind
    the service for the records; the service does not see them.
    """

    def __init__(self, checkpoint: str = "", revision: str = "", parameters: HttpParameters | None = None) -> None:
        self.parameters = parameters or HttpParameters.model_validate({})
        super().__init__(self.parameters)
        origin = _origin(self.parameters.url)
        if origin not in {_origin(url) for url in allowed(ALLOWED)}:
            raise EngineError(
                f"This worker does not call {origin}: its operator has to name it in {ALLOWED} "
                "(comma-separated; see docs/generators.md)."
            )
        self.headers = {name: _revealed(name, value) for name, value in self.parameters.headers.items()}
        self.headers |= {"accept": "audio/flac, audio/wav, application/json", "accept-encoding": "identity"}
        self.headers["content-type"] = "application/json"
        self.certificates = httpx.create_ssl_context()

    def pause(self, tries: int) -> float:
        """Twice as long after every failure."""
        return min(self.parameters.back_off * 2 ** (tries - 1), _LONGEST_PAUSE)

    def answer(self, request: bytes) -> bytes:
        """The sound file. Raises Passing for lost connections, time-outs, 429 and 5xx."""
        timeout = httpx.Timeout(self.parameters.timeout, connect=self.parameters.connect_timeout)
        deadline = time.monotonic() + self.parameters.timeout
        try:
            url, named = self._judged()
            with (
                httpx.Client(verify=self.certificates, timeout=timeout, follow_redirects=False) as client,
                client.stream(
                    "POST",
                    url,
                    content=request,
                    headers=self.headers | named,
                    extensions={"sni_hostname": httpx.URL(self.parameters.url).host},
                ) as response,
            ):
                self._check(response)
                return _sound_file(response, self._read(response, deadline))
        except httpx.TransportError as error:
            raise Passing(f"The service did not answer ({type(error).__name__}: {error})") from error
        except httpx.HTTPError as error:
            raise EngineError(f"The service cannot be called ({type(error).__name__}).") from error

    def _judged(self) -> tuple[httpx.URL, dict[str, str]]:
        """The address to connect to, and the host to name there: a name that is asked for twice may answer twice.

        Raises EngineError for a name of the internet that leads inside, which only the operator may allow.
        """
        url = httpx.URL(self.parameters.url)
        if _is_inside(url.host) or os.environ.get(INSIDE, "").lower() in ("1", "on", "true", "yes"):
            return url, {}
        try:
            found = public_numbers_of(url.host, url.port or {"https": 443}.get(url.scheme, 80))
        except OSError as error:
            raise Passing(f"{url.host} was not found ({error.strerror})") from error
        if not found:
            raise EngineError(
                f"{url.host} leads to a private address: if that is meant, this worker's operator sets {INSIDE}=on."
            )
        return url.copy_with(host=found[0]), {"host": url.netloc.decode("ascii")}

    def _check(self, response: httpx.Response) -> None:
        """Passes a response that holds a sound."""
        status = response.status_code
        if status == httpx.codes.OK:
            return
        if response.is_redirect:
            target = response.headers.get("location", "another address")
            raise EngineError(f"The service redirects to {target}: if you trust that address, name it as `url`.")
        fault = f"The service answered {status} {response.reason_phrase}{_said(response)}"
        if status == httpx.codes.TOO_MANY_REQUESTS or status >= 500:
            raise Passing(fault, self._asked_to_wait(response, fault))
        raise EngineError(fault)

    def _asked_to_wait(self, response: httpx.Response, fault: str) -> float | None:
        """Seconds of Retry-After. Raises EngineError for more than a sound may take at all."""
        wait = _retry_after(response.headers.get("retry-after", ""))
        if wait is not None and wait > self.parameters.timeout:
            raise EngineError(f"{fault}; it asks to come back in {wait:.0f} s, which is longer than `timeout`.")
        return wait

    def _read(self, response: httpx.Response, deadline: float) -> bytes:
        """The body, uncompressed as it was asked for."""
        content = bytearray()
        for piece in response.iter_raw():
            content += piece
            if len(content) > self.parameters.largest:
                raise EngineError(f"The service sent more than {self.parameters.largest} bytes: see `largest`.")
            if time.monotonic() > deadline:
                raise Passing(f"The service took longer than {self.parameters.timeout:g} s")
        return bytes(content)


def _sound_file(response: httpx.Response, content: bytes) -> bytes:
    """The body, or what its JSON holds as base64."""
    kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind.startswith("audio/"):
        return content
    if kind != "application/json":
        raise EngineError(f"The service sent {kind or 'no content type'}, where audio/wav or audio/flac is expected.")
    try:
        return base64.b64decode(json.loads(content)["audio"], validate=True)
    except (ValueError, LookupError, TypeError, RecursionError, binascii.Error) as error:
        raise EngineError(
            'The service sent JSON without a sound: {"audio": "base64 of a WAV or FLAC file"}.'
        ) from error


def _said(response: httpx.Response) -> str:
    """The first line of a refusal, as far as it is text."""
    kept = b""
    for piece in response.iter_raw():
        kept += piece
        if len(kept) >= _MESSAGE:
            break
    lines = kept[:_MESSAGE].decode("utf-8", "replace").strip().splitlines()
    return f": {lines[0][:300]}" if lines else ""


def _retry_after(value: str) -> float | None:
    """Seconds from now, of either form of the header (RFC 9110, 10.2.3); None for what is neither."""
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _is_inside(host: str) -> bool:
    """Whether whoever allowed this host could see by its name that it is inside: a number, or this machine."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return True


def _origin(url: str) -> str:
    """Scheme, host and port; a scheme's own port is left out, as it may be written or not."""
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise EngineError(f"{url!r} is no address: {error}.") from error
    return f"{found.scheme}://{found.host}{f':{found.port}' if found.port else ''}"


def _revealed(name: str, value: str) -> str:
    """A header's value; `env:NAME` is read from the environment.

    Raises EngineError naming the variable, never its value.
    """
    if not value.startswith(_SECRET):
        return value
    variable = value.removeprefix(_SECRET)
    if variable in OURS:
        raise EngineError(f"The variable {variable} is the platform's own and is sent to no service.")
    found = os.environ.get(variable, "").strip()
    if not found:
        raise EngineError(f"The header {name} is to come from the variable {variable}, which this worker has not set.")
    if not (found.isascii() and found.isprintable()):
        raise EngineError(f"The variable {variable} holds characters that no header may have: set it again.")
    return found
