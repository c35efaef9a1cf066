"""A running server asked all that its schema allows, and much that it does not: nothing is an error of the server's,
and every answer is one that the schema knows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from accounts.models import ApiToken
from results.models import Webhook
from studies.models import Clip

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "ignored_auth",
)


# Every boundary of every parameter is tried of these; lists and files of the other kinds are made by the same code.
COVERED = (
    *("studies", "create_study", "create_prompt_set", "create_webhook", "retry_study", "launch_study"),
    *("votes", "records_file", "deliveries", "events"),
)


def configuration(known: dict[str, object]) -> str:
    """known: parameters of paths that exist, or all answers would be 404. A bundle takes seconds: it is made once."""
    return f"""
[parameters]
{"".join(f'"path.{name}" = {json.dumps(value)}{chr(10)}' for name, value in known.items())}
[[operations]]
include-operation-id = "bundle"
generation.max-examples = 1
phases.coverage.enabled = false

[[operations]]
exclude-operation-id = {json.dumps([*COVERED, "bundle"])}
phases.coverage.enabled = false
"""


def asked(address: str, folder: Path, known: dict[str, object], *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "schemathesis.toml").write_text(configuration(known))
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(folder / "schemathesis.toml")),
        *("run", f"{address}/api/v1/schema", "--checks", ",".join(CHECKS)),
        *("--seed", "1", "--no-color", "--request-timeout", "120"),
        *words,
    ]
    environment = {**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture
def known(voted, owner) -> dict[str, object]:
    hook = Webhook.objects.create(team=voted.team, url="https://hook.example/", events=["study.completed"])
    return {
        "slug": voted.slug,
        "webhook": hook.pk,
        "clip": Clip.objects.filter(state="done").first().pk,
    }


@pytest.mark.parametrize("who", ["nobody", "a script that may do all"])
def test_no_answer_is_an_error_or_unknown_to_the_schema(live_server, voted, known, owner, tmp_path, settings, who):
    settings.API_REQUESTS_A_MINUTE = 1_000_000
    settings.EXPORTS_AT_ONCE = 100
    words = ["--phases", "fuzzing", "--max-examples", "1"]
    if who != "nobody":
        key = ApiToken.issue(owner, "contract", scopes=[scope.value for scope in ApiToken.Scope])[1]
        words = ["--phases", "coverage,fuzzing", "--max-examples", "2", "--header", f"Authorization: Bearer {key}"]
    ran = asked(live_server.url, tmp_path, known, *words)
    assert ran.returncode == 0 and " passed" in ran.stdout, ran.stdout[-12_000:] + ran.stderr[-2_000:]
