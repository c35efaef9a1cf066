"""Errors as problem details (RFC 9457): what is wrong and, where it helps, what to do."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

DETAILS = {
    401: "Send a token as `Authorization: Bearer KEY`, or sign in. Make one under Accounts › API tokens.",
    404: "No such thing among the studies that you may see.",
}


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None for what is no client's error, so that it is logged and ends as a 500."""
    response = exception_handler(error, context)
    if response is None:
        return None
    status = response.status_code
    response.data = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _detail(error, status),
    }
    response.content_type = "application/problem+json"
    return response


def _detail(error: Exception, status: int) -> str:
    if isinstance(error, Http404 | PermissionDenied | exceptions.NotAuthenticated):
        return DETAILS.get(status, HTTPStatus(status).description)
    return str(getattr(error, "detail", "")) or HTTPStatus(status).description
