"""Errors as problem details (RFC 9457): what is wrong, in which field, and, where it helps, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from prompts.errors import PromptError
from studies.errors import StudyError

DETAILS = {
    401: "Send a token as `Authorization: Bearer KEY`, or sign in. Make one under Accounts › API keys.",
    404: "No such thing among the studies that you may see.",
}


class Conflict(exceptions.APIException):
    status_code = 409


class Refused(exceptions.APIException):
    """messages: what to change, by the field it concerns."""

    status_code = 400
    default_detail = "Some fields cannot be taken as they are."

    def __init__(self, messages: dict[str, list[str]], status: int = 400) -> None:
        super().__init__(self.default_detail)
        self.messages, self.status_code = messages, status


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None for what is no client's error, so that it is logged and ends as a 500."""
    if isinstance(error, StudyError | PromptError):
        error = Refused(error.messages, 409 if "status" in error.messages else 400)
    response = exception_handler(error, context)
    if response is None:
        return None
    status = response.status_code
    fields = list(_fields(error))
    told: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    told["detail"] = _detail(error, status, fields)
    response.data = told | ({"errors": fields} if fields else {})
    response.content_type = "application/problem+json"
    return response


def _fields(error: Exception) -> Iterator[dict[str, str]]:
    if isinstance(error, Refused):
        for field, texts in error.messages.items():
            yield from ({"field": field, "detail": str(text)} for text in texts)
    elif isinstance(error, exceptions.ValidationError):
        yield from _flat(error.detail, "")


def _flat(detail: Any, path: str) -> Iterator[dict[str, str]]:
    """Of DRF's nested errors, each with its dotted path, as in prompts.3.text."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            at = path if name == "non_field_errors" else f"{path}.{name}" if path else str(name)
            yield from _flat(inner, at)
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _flat(inner, (f"{path}.{place}" if path else str(place)) if nested else path)
    else:
        yield {"field": path, "detail": str(detail)}


def _detail(error: Exception, status: int, fields: list[dict[str, str]]) -> str:
    if isinstance(error, exceptions.NotAuthenticated | Http404) or type(error) is PermissionDenied:
        return DETAILS.get(status, HTTPStatus(status).description)
    if fields:
        return "; ".join(f"{each['field']}: {each['detail']}" if each["field"] else each["detail"] for each in fields)
    return str(getattr(error, "detail", "")) or HTTPStatus(status).description
