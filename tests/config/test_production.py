"""Production is said by AUDIONESE_HTTPS and AUDIONESE_PROXIES; without them a laptop's site goes on as it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

# A page that asks the database nothing, as three visitors meet it.
ASK = """
import json, django
django.setup()
from django.conf import settings
from django.core.checks import run_checks
from django.test import Client
told = {"faults": [str(fault) for fault in run_checks(include_deployment_checks=True)]}
told["cookies"] = [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE]
for name, how in {"plain": {}, "tls": {"secure": True}, "claimed": {"headers": {"X-Forwarded-Proto": "https"}}}.items():
    answer = Client().get("/listen/volume.wav", **how)
    told[name] = answer.status_code, {name.lower(): value for name, value in answer.headers.items()}
print(json.dumps(told))
"""


def asked(**environment: str) -> dict:
    own = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}  # of browser tests
    whole = {**own, "DJANGO_SETTINGS_MODULE": "config.settings", "ALLOWED_HOSTS": "testserver", **environment}
    done = subprocess.run([sys.executable, "-c", ASK], env=whole, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def behind_a_proxy() -> dict:
    return asked(AUDIONESE_HTTPS="on", AUDIONESE_PROXIES="1")


def test_django_finds_no_fault_with_production(behind_a_proxy):
    assert behind_a_proxy["faults"] == []


def test_production_answers_by_tls_alone(behind_a_proxy):
    status, headers = behind_a_proxy["plain"]
    assert (status, headers["location"]) == (301, "https://testserver/listen/volume.wav")
    assert behind_a_proxy["cookies"] == [True, True]


def test_browsers_remember_that_for_a_year(behind_a_proxy):
    assert behind_a_proxy["claimed"][0] == 200
    promise = behind_a_proxy["claimed"][1]["strict-transport-security"]
    assert promise == "max-age=31536000; includeSubDomains; preload"


def test_every_answer_says_what_a_browser_may_do_with_it(behind_a_proxy):
    headers = behind_a_proxy["claimed"][1]
    assert headers["x-frame-options"] == "DENY" and headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"] and "microphone=()" in headers["permissions-policy"]
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy


def test_without_proxies_nobody_is_believed_to_have_come_by_tls():
    alone = asked(AUDIONESE_HTTPS="on", AUDIONESE_PROXIES="0")
    assert (alone["claimed"][0], alone["tls"][0]) == (301, 200)


def test_without_a_setting_a_laptop_s_site_is_plain():
    status, headers = asked()["plain"]
    assert status == 200 and "strict-transport-security" not in headers
