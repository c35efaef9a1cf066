"""`Idempotency-Key`: a write that was sent again because its answer was lost is done once, and answered again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, cast

from django.db import IntegrityError, transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import IdempotencyKey, User
from results.api.problems import Conflict, Refused

KEPT = timedelta(days=1)
GIVEN_UP = timedelta(minutes=2)  # a write that has no answer by then was lost with its process
LONGEST = 255
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Any text of your own, one for each deed: sent again within a day, it is answered as the first time.",
)
View = Callable[..., Response]


def once(view: View) -> View:
    """For a method of a view that writes. Without the header it is done as often as it is sent."""

    @wraps(view)
    def held(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return view(self, request, *args, **kwargs)
        if len(key) > LONGEST:
            raise ValidationError({"Idempotency-Key": f"Longer than {LONGEST} characters."})
        mark = _fingerprint(request)
        row = _begun(request, key, mark)
        if row.status is not None:
            headers = {"Idempotency-Replayed": "true"} | ({"Location": row.location} if row.location else {})
            return Response(row.answer, status=row.status, headers=headers)
        try:
            with transaction.atomic():
                response = view(self, request, *args, **kwargs)
                told = {"status": response.status_code, "answer": response.data}
                IdempotencyKey.objects.filter(pk=row.pk).update(**told, location=response.headers.get("Location", ""))
        except BaseException:
            row.delete()  # nothing was done: it may be sent again
            raise
        return response

    return held


def _fingerprint(request: Request) -> str:
    parts = (request.method or "", request.path, request._request.body.decode("latin-1"))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _begun(request: Request, key: str, mark: str) -> IdempotencyKey:
    now, mine = timezone.now(), IdempotencyKey.objects.filter(user=cast(User, request.user))
    mine.filter(created_at__lt=now - KEPT).delete()
    mine.filter(status=None, created_at__lt=now - GIVEN_UP).delete()
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(user=cast(User, request.user), key=key, fingerprint=mark)
    except IntegrityError:
        found = mine.filter(key=key).first()
    if found is None or (found.status is None and found.fingerprint == mark):
        raise Conflict("The first request of this Idempotency-Key is still under way. Ask again in a moment.")
    if found.fingerprint != mark:
        raise Refused({"Idempotency-Key": ["It came with another request before. Use a new one for a new deed."]}, 422)
    return found
