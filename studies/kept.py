"""What takes long to compute of a study is kept in PostgreSQL as JSON, until what it was computed from has changed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from pydantic import TypeAdapter
from pydantic_core import to_json

from studies import clock
from studies.models import Kept, Study

Value = TypeVar("Value")
ROOT = Path(__file__).resolve().parent
CODE = (ROOT, *(ROOT.parent / room for room in ("platform/listening", "platform/results", "inference/judging")))


@dataclass(frozen=True)
class Stamp:
    """rests_on: digest of what people have decided, and of the code; another one and nothing old is shown.

    so_far: digest of what comes in by itself, as votes do; another one, or none, and old is shown for a while.
    """

    rests_on: str
    so_far: str = ""


def stamp(decided: Any, arriving: Any = None) -> Stamp:
    """Of anything whose `repr` says what it is. arriving None: it changes all the time."""
    return Stamp(_digest((code(), decided)), "" if arriving is None else _digest(arriving))


def _digest(value: Any) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()


@cache
def code() -> str:
    """Digest of the source that computes: a new version computes anew."""
    files = sorted(path for folder in CODE for path in folder.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def kept(study: Study, name: str, stamp: Stamp, kind: type[Value] | Any, compute: Callable[[], Value]) -> Value:
    """What `compute` returns, of this type (anything that pydantic reads from JSON), computed or kept.

    While more comes in, it may be older than that by KEPT_PATIENCE times as long as it took to compute.
    """
    if study.status == Study.Status.DRAFT:
        return compute()
    row = Kept.objects.filter(study=study, name=name, rests_on=stamp.rests_on).first()
    if row is None or not _holds(row, stamp):
        row = _made(study, name, stamp, compute)
    return TypeAdapter(kind).validate_json(row.body)


def _holds(row: Kept, stamp: Stamp) -> bool:
    age = (clock.now() - row.made_at).total_seconds()
    return bool(stamp.so_far and row.so_far == stamp.so_far) or age < settings.KEPT_PATIENCE * row.seconds


def _made(study: Study, name: str, stamp: Stamp, compute: Callable[[], Any]) -> Kept:
    made_at, began = clock.now(), time.perf_counter()
    body = to_json(compute(), inf_nan_mode="constants").decode()
    row = Kept(study=study, name=name, rests_on=stamp.rests_on, so_far=stamp.so_far, body=body, made_at=made_at)
    row.seconds = time.perf_counter() - began
    told = ["rests_on", "so_far", "body", "seconds", "made_at"]
    Kept.objects.bulk_create([row], update_conflicts=True, unique_fields=["study", "name"], update_fields=told)
    return row


def forget(*studies: int) -> None:
    """What was computed from what is no longer there: after a rater has been erased."""
    Kept.objects.filter(study__in=studies).delete()
