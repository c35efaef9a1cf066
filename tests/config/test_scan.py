"""What `script/scan` makes of what its programs tell."""

from __future__ import annotations

import pytest

from config import scan

SOUND = {"name": "one", "version": "1", "vulns": []}
UNKNOWN = {"name": "two", "version": "2", "skip_reason": "Dependency not found on PyPI and could not be audited"}
FAULTY = {"name": "three", "version": "3", "vulns": [{"id": "CVE-2026-1", "fix_versions": ["4"]}]}


def test_a_package_with_a_known_fault_is_named_with_what_mends_it(capsys):
    assert scan.judged([SOUND, FAULTY]) == 1
    assert "three 3: CVE-2026-1, mended in 4" in capsys.readouterr().err


def test_packages_that_nobody_knows_count_as_not_checked(capsys):
    assert scan.judged([UNKNOWN, UNKNOWN]) == 0
    assert "WARNING: PACKAGES WERE NOT CHECKED" in capsys.readouterr().err


def test_one_that_nobody_knows_is_named(capsys):
    assert scan.judged([SOUND, UNKNOWN]) == 0
    said = capsys.readouterr()
    assert "NOT CHECKED, unknown to the vulnerability service: two" in said.err and "1 packages: no fault" in said.out


@pytest.mark.parametrize("said", ["requests.exceptions.ConnectionError: Max retries exceeded", "ERROR: HTTPError: 503"])
def test_no_service_is_said_loudly(capsys, monkeypatch, said):
    answer = scan.subprocess.CompletedProcess([], 1, stdout="", stderr=said)
    monkeypatch.setattr(scan, "_run", lambda *_, **__: answer)

    assert scan.packages() == 0
    assert "WARNING: PACKAGES WERE NOT CHECKED FOR KNOWN FAULTS" in capsys.readouterr().err


def test_an_error_of_another_kind_is_none_of_the_network(capsys, monkeypatch):
    answer = scan.subprocess.CompletedProcess([], 2, stdout="", stderr="error: unrecognized arguments: --locally")
    monkeypatch.setattr(scan, "_run", lambda *_, **__: answer)

    assert scan.packages() == 1
