"""Whether this process is alive, and whether it can serve.

Alive: it answers. A supervisor that restarts whatever does not say so must not be led by a database that is away.
Ready: all that a request may need is there. What is missing is said in words of our own: an error's own words may hold
an address with its password.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from celery import current_app
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
PATIENCE = 2.0  # seconds, for the broker to answer
SHOWN = 3  # migrations that are named


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """What is there and what is not: 503 while anything is missing. ?exclude=broker leaves a part out."""
    left_out = request.GET.getlist("exclude")
    if unknown := sorted(set(left_out) - CHECKS.keys()):
        return JsonResponse({"status": "unknown check", "known": list(CHECKS), "unknown": len(unknown)}, status=400)
    said = {name: check() for name, check in CHECKS.items() if name not in left_out}
    ready = not any(said.values())
    checks = {name: problem or "ok" for name, problem in said.items()}
    return JsonResponse({"status": "ready" if ready else "not ready", "checks": checks}, status=200 if ready else 503)


def database() -> str:
    """What is wrong, or nothing. Twice: a connection that was kept may be older than the server."""
    for _ in range(2):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            return ""
        except DatabaseError as error:
            connection.close()
            log.warning("The database does not answer (%s).", type(error).__name__)
    return "The database does not answer. Check that it runs, and DATABASE_URL."


def migrations() -> str:
    """Those that another version applied are its own affair: two versions run side by side while one replaces the
    other."""
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError:
        return "Unknown while the database does not answer."
    missing = [".".join(key) for key in shipped() if key not in applied]
    if not missing:
        return ""
    named = ", ".join(missing[:SHOWN]) + (" …" if len(missing) > SHOWN else "")
    return f"{len(missing)} migrations are not applied ({named}). Run: python manage.py migrate"


@lru_cache(maxsize=1)
def shipped() -> tuple[tuple[str, str], ...]:
    """Every migration of this version, as (app, name): read from the disk once."""
    loader = MigrationLoader(None)
    return tuple(sorted(loader.disk_migrations))


def broker() -> str:
    """Connects anew: what an old connection says may be out of date."""
    try:
        with current_app.connection_for_write(connect_timeout=PATIENCE, transport_options=_impatient()) as channel:
            channel.ensure_connection(max_retries=1, interval_start=0, timeout=PATIENCE)
            folders = channel.transport_options if channel.transport_cls == "filesystem" else {}
    except (OperationalError, OSError, ImportError) as error:
        log.warning("The broker does not answer (%s).", type(error).__name__)
        return "The broker does not answer. Check that it runs, and CELERY_BROKER_URL."
    if not all(Path(folder).is_dir() for name, folder in folders.items() if name.endswith("_out")):
        return "The broker's folder is missing. Check AUDIONESE_DATA."
    return ""


def _impatient() -> dict[str, object]:
    """Redis takes its time-out from here and not from the connection."""
    ours = dict(current_app.conf.broker_transport_options or {})
    if urlsplit(current_app.conf.broker_url or "").scheme.startswith(("redis", "rediss")):
        ours |= {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}
    return ours


CHECKS: dict[str, Callable[[], str]] = {"database": database, "migrations": migrations, "broker": broker}
