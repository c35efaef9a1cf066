"""Bodies of requests."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from studies import storable


class Json(JSONParser):
    """JSON; what Python cannot read, or PostgreSQL not keep, is a fault of whoever sent it."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            read = super().parse(*args, **kwargs)
        except RecursionError as error:
            raise ParseError("JSON parse error - nested too deeply.") from error
        if found := storable.fault(read):
            raise ParseError(f"JSON parse error - {found}")
        return read
