"""Every example of the documentation does what the documentation says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from studies.models import Study
from tests.studies.driver import drive

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n(?:```json\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


def examples(page: str, language: str) -> list[tuple[str, str]]:
    """Code, and the answer that is shown below it, if one is."""
    found = BLOCK.findall((ROOT / page).read_text())
    return [(code, answer) for name, code, answer in found if name == language]


def shaped(shown, told) -> None:
    """Whatever is shown is told: the same keys, of the same types."""
    if isinstance(shown, dict):
        assert set(shown) <= set(told), f"not told: {set(shown) - set(told)}"
        for name, value in shown.items():
            shaped(value, told[name])
    elif isinstance(shown, list):
        assert isinstance(told, list)
        if shown and told:
            shaped(shown[0], told[0])
    elif shown is not None and told is not None:
        kinds = (int, float) if isinstance(shown, int | float) and not isinstance(shown, bool) else type(shown)
        assert isinstance(told, kinds), (shown, told)


@pytest.fixture
def shell(live_server, voted, token, tmp_path):
    environment = {
        **os.environ,
        "AUDIONESE_URL": live_server.url,
        "AUDIONESE_TOKEN": token,
        "STUDY": voted.slug,
        "TEAM": voted.team.slug,
    }

    def run(code: str) -> str:
        ran = subprocess.run(["sh", "-euc", code], env=environment, cwd=tmp_path, capture_output=True, text=True)
        assert ran.returncode == 0, f"{code}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    return run


def test_every_example_of_the_api_runs_and_answers_as_it_is_shown(shell):
    found = examples("docs/api.md", "sh")
    assert len(found) >= 12
    for code, answer in found:
        told = shell(code)
        if answer:
            shaped(json.loads(answer), json.loads(told))
    assert Study.objects.get(slug="weather-study").status == "running"


def test_the_examples_of_the_client_run(live_server, voted, token, team, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("audionese_client.study.Study.wait", lambda study, on_progress: drive_to_its_end(study))
    reading, making = (code for code, _ in examples("client/README.md", "python"))
    told = {
        '"https://audionese.example"': repr(live_server.url),
        '"aud_…"': repr(token),
        '"rewriting-music"': repr(voted.slug),
        '"lab"': repr(team.slug),
        'recipe="sandbox"': f"recipe={RECIPE!r}",
    }
    space: dict = {}
    for code in (reading, making):
        for shown, meant in told.items():
            code = code.replace(shown, meant)
        exec(compile(code, "client/README.md", "exec"), space)  # noqa: S102 - our own documentation
    space["client"].close()
    assert (tmp_path / "bundle.zip").read_bytes()[:2] == b"PK" and space["study"].status == "complete"


RECIPE = {
    "name": "One arm",
    "engines": {
        "synth": {"kind": "generator", "engine": "sandbox-synthesiser"},
        "judge": {"kind": "scorer", "engine": "transformers-clap", "checkpoint": "sandbox:clap-judge"},
    },
    "generator": "synth",
    "feedback_scorer": "judge",
    "evaluation_scorer": "judge",
    "arms": [{"key": "original", "method": "original"}],
}


def drive_to_its_end(study):
    drive(Study.objects.get(slug=study.slug))
    return study.refresh()


def test_the_receiver_of_a_webhook_checks_it_as_shown():
    ((code, _),) = examples("docs/api.md", "python")
    secret, uid, now = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", str(uuid.uuid4()), datetime.now(UTC)
    body = json.dumps({"type": "test"})
    signature = Webhook(secret).sign(uid, now, body)
    headers = {"webhook-id": uid, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    space = {"secret": secret, "body": body, "headers": headers}
    exec(compile(code, "docs/api.md", "exec"), space)  # noqa: S102 - our own documentation
    assert space["event"] == {"type": "test"}
