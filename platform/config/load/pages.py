"""What a rater's browser reads of the pages: tokens and addresses. Knows neither Django nor Locust."""

from __future__ import annotations

import re

_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_CHECKSUM = re.compile(r'name="checksum" value="([^"]+)"')
_PAIR = re.compile(r'name="pair" value="([^"]+)"')
_SOUND = re.compile(r'data-audio="([^"]+)"')


def csrf(page: str) -> str:
    return _found(_CSRF, page)


def checksum(page: str) -> str:
    return _found(_CHECKSUM, page)


def pair(page: str) -> str:
    """The open trial's token; empty where the page is none."""
    return _found(_PAIR, page)


def sounds(page: str) -> list[str]:
    """Addresses of the trial's clips, A first."""
    return _SOUND.findall(page)


def vote(page: str, choice: str, heard: list[float], milliseconds: int) -> dict[str, str]:
    """The form of a preference, as the page sends it."""
    played = {f"heard_{letter}": f"{seconds:.3f}" for letter, seconds in zip("abcdefgh", heard, strict=False)}
    return {
        "csrfmiddlewaretoken": csrf(page),
        "pair": pair(page),
        "choice": choice,
        "response_ms": str(milliseconds),
        **played,
    }


def _found(pattern: re.Pattern[str], page: str) -> str:
    match = pattern.search(page)
    return match.group(1) if match else ""
