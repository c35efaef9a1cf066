"""What the server refuses, in its own words."""

from __future__ import annotations

import httpx


class ApiError(Exception):
    """status: of HTTP. detail: what is wrong and what to do. fields: the reason by the field's dotted path."""

    def __init__(self, status: int, detail: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(f"{status}: {detail}")
        self.status, self.detail, self.fields = status, detail, fields or {}

    @classmethod
    def of(cls, response: httpx.Response) -> ApiError:
        """Of an answer that was read. One that is no problem document, as a proxy's, is told by its status."""
        try:
            told = response.json()
            fields = {each["field"]: each["detail"] for each in told.get("errors", [])}
            return cls(response.status_code, told["detail"], fields)
        except (ValueError, KeyError, TypeError, AttributeError):
            return cls(response.status_code, response.reason_phrase)


class StudyStoppedError(Exception):
    """A study that one waited for will not get on by itself: it is paused, or was cancelled."""
