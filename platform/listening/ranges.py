"""One byte range of an HTTP request (RFC 9110, 14.2)."""

from __future__ import annotations

import re

_ONE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII)


class Unsatisfiable(ValueError):  # noqa: N818 (the RFC's word)
    """The range begins behind the end."""


def parse(header: str, size: int) -> tuple[int, int] | None:
    """(start, stop) of the bytes wanted, stop excluded; None where the header is to be ignored: send everything."""
    match = _ONE.fullmatch(header)
    if not match or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size:
        raise Unsatisfiable
    return start, stop
