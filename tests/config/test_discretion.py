"""Log lines name nobody: neither those of this product nor those of libraries, with or without a trace."""

from __future__ import annotations

import io
import logging
import logging.config

import pytest
from django.conf import settings
from django.db import IntegrityError

from accounts.models import Rater
from accounts.panels.links import token_for
from config.discretion import Filter, discreet
from tests.accounts.panels import member, panel

PERSONAL = [
    "GET /listen/rain/?PROLIFIC_PID=5f0c1d2e3a4b5c6d&STUDY_ID=77&SESSION_ID=66ab",
    "workerId=A1B2C3D4E5F6G7 assignmentId=3XYZ",
    "{'external_id': '5f0c1d2e3a4b', 'provider': 'prolific'}",
    "mail to anna.b+audio@example.org failed",
    "198.51.100.7 asked; so did 2001:db8:85a3::8a2e:370:7334 and ::ffff:198.51.100.7",
    "Authorization: Bearer aud_Zx9-kq1AAAAAbbbbCCCCddddEEEE",
    "key aud_Zx9-kq1AAAAAbbbbCCCCddddEEEE",
    "Not Found: /panel/join/Zx9kq1AAAAAbbbbCCCCddddEEEEffff/",
    "Gone: /panel/sign-in/3.921da997ece9dfe5056a747b760a6bc4.1xXq4K.BKX_w2q_tNHn4/",
    "Not Found: /listen/audio/Zx9kq1AAAAAbbbbCCCCddddEEEEffff0",
    "DETAIL:  Key (provider, external_id)=(prolific, 5f0c1d2e3a4b) already exists.",
    "DETAIL:  Failing row contains (17, prolific, 5f0c1d2e3a4b, f).",
    "redis://:hunter2@broker:6379/0 and postgresql://app:hunter2@db/audionese",
]
NAMED = ("5f0c", "66ab", "A1B2", "3XYZ", "anna", "198.51", "2001:db8", "8a2e", "Zx9", "921da", "BKX_", "hunter2")


@pytest.mark.parametrize("line", PERSONAL)
def test_what_points_to_a_person_is_left_out(line):
    assert not [name for name in NAMED if name in discreet(line)]


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-30 01:10:26,120 INFO inference.tasks 64 clips of study rain in 3.21 s (row 17)",
        "The web server did not answer on port 8000 of 127.0.0.1 within 60 seconds.",
        "celery 5.6.2, torch 2.13.0, revision 0a1b2c3",
        '[30/Nov/2026:02:34:30 +0000] "POST /account/code/" 302 0 902ms',
        "Not Found: /studies/rain/figures/alignment.svg",
        "GET /panel/sign-in/sent/",
        "shape [64, 512] -> [64]; 12:30:45 UTC; session_id=17",
        "Key 'nightly' of ada issued: may read, export; studies: all.",
    ],
)
def test_what_an_operator_needs_stays(line):
    assert discreet(line) == line


def logged(write) -> str:
    """What the site's own configuration would have written."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(Filter())
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    log = logging.getLogger("tests.discretion")
    log.addHandler(handler)
    try:
        write(log)
    finally:
        log.removeHandler(handler)
    return out.getvalue()


def test_the_site_s_logs_pass_through_the_filter():
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["discreet"]
    assert settings.LOGGING["filters"]["discreet"]["()"] == "config.discretion.Filter"


@pytest.mark.django_db
def test_a_trace_of_the_database_names_nobody():
    def write(log) -> None:
        try:
            [Rater.objects.create(provider="prolific", external_id="5f0c1d2e3a4b") for _ in range(2)]
        except IntegrityError:
            log.exception("Rater of %s", "anna@example.org")

    text = logged(write)
    assert "IntegrityError" in text and "one_rater_a_provider_id" in text
    assert "5f0c1d2e3a4b" not in text and "anna" not in text


@pytest.mark.django_db
def test_links_that_sign_somebody_in_are_not_logged(client, caplog):
    token = token_for(member(panel()))
    caplog.handler.addFilter(Filter())
    client.get(f"/panel/sign-in/{token}x/")

    assert "Answered." in caplog.text and token not in caplog.text


def test_gunicorn_s_log_of_requests_has_no_client_and_no_query():
    from config import gunicorn

    assert not {"%(h)s", "%(q)s", "%(r)s", "%(a)s", "%(f)s", "%(u)s"} & set(gunicorn.access_log_format.split())
    assert "%(r)s" not in gunicorn.access_log_format and "{" not in gunicorn.access_log_format
    for name in ("gunicorn.access", "gunicorn.error"):
        assert any(isinstance(each, Filter) for each in logging.getLogger(name).filters)


def test_workers_log_through_it_too():
    from celery.signals import setup_logging

    assert setup_logging.has_listeners(), "Celery would write with handlers of its own"
