"""The product's own web server and worker: figures of all processes, JSON lines, errors and traces that are sent."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.db import connection

from config.processes import Processes, wait_for_port, web
from listening.actions.open_trials import open_trials
from studies import actions
from studies.models import Clip, Study
from tests import factories
from tests.config.observability.figures import Figures
from tests.config.observability.receivers import Receiver
from tests.inference import workers
from tests.servers import database_url, free

pytestmark = pytest.mark.django_db(transaction=True)
PERSON = "5f0000000000000000000001"
ASKED = 40


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


@pytest.fixture
def watched(receiver) -> dict[str, str]:
    """The environment of a process whose errors and traces go to the receiver."""
    return {
        "AUDIONESE_LOG_FORMAT": "json",
        "SENTRY_DSN": f"http://key@{receiver.address}/1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{receiver.address}",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }


@pytest.fixture
def study() -> Study:
    made = factories.complete(factories.study())
    open_trials(study=made)
    return made


@pytest.fixture
def logs(tmp_path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def site(watched, logs, monkeypatch) -> Iterator[str]:
    more = {"DATABASE_URL": database_url(), "AUDIONESE_DATA": str(logs.parent), "SECRET_KEY": settings.SECRET_KEY}
    for name, value in {**watched, **more, "WEB_CONCURRENCY": "3"}.items():
        monkeypatch.setenv(name, value)
    port = free()
    with Processes(logs) as children:
        web(children, port)
        wait_for_port(port, children, seconds=300)
        yield f"http://127.0.0.1:{port}"


def ask(address: str, **headers: str) -> httpx.Response:
    return httpx.get(address, timeout=120, headers=headers)


def lines(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_a_web_server_is_watched_from_outside(study, site, receiver, logs):
    """One server for all of it: it takes seconds to start."""
    door = f"{site}/listen/{study.slug}/?PROLIFIC_PID={PERSON}"
    with ThreadPoolExecutor(6) as pool:
        assert {answer.status_code for answer in pool.map(ask, [door] * ASKED)} == {200}
    _figures_are_those_of_all_processes(site)
    _an_error_and_its_request(study, door)
    # Each process sends its own.
    receiver.wait_until(
        lambda: receiver.errors and _requests(receiver, "500") and len(_requests(receiver, "200")) >= ASKED
    )
    _errors_without_persons(study, receiver)
    _traces_without_persons(receiver)
    _lines_without_persons(study, logs / "web.log")


def _figures_are_those_of_all_processes(site: str) -> None:
    """Whichever process is asked, and however often."""
    for _ in range(6):
        found = Figures(ask(f"{site}/metrics").text)
        assert found.of("audionese_http_request_seconds_count", view="listening:arrive", status="2xx") == ASKED
        assert found.of("audionese_database_up") == 1
    assert ask(f"{site}/readyz").json()["status"] == "ready"


def _an_error_and_its_request(study: Study, door: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE listening_trial RENAME TO listening_trial_away")
        try:
            assert ask(door, **{"x-request-id": "the-one-that-fails"}).status_code == 500
        finally:
            cursor.execute("ALTER TABLE listening_trial_away RENAME TO listening_trial")


def _requests(receiver: Receiver, status: str):
    return [s for s in receiver.spans if str(s.attributes.get("http.status_code")) == status]


def _errors_without_persons(study: Study, receiver: Receiver) -> None:
    (error,) = receiver.errors
    assert error["exception"]["values"][-1]["type"] == "ProgrammingError"
    assert error["exception"]["values"][-1]["stacktrace"]["frames"]
    assert error["tags"]["request_id"] == "the-one-that-fails"
    assert (error["tags"]["study"], error["tags"]["service"]) == (study.slug, "web")
    assert error["request"] == {"method": "GET"}
    assert error["transaction"] == "/listen/{slug}/"


def _traces_without_persons(receiver: Receiver) -> None:
    asked = _requests(receiver, "200")
    assert len(asked) == ASKED
    assert {(one.name, one.service) for one in asked} == {("GET listen/<slug:slug>/", "audionese-web")}
    statements = [s for s in receiver.spans if s.parent == asked[0].id and s.trace == asked[0].trace]
    assert statements and all("db.statement" in one.attributes for one in statements)
    assert not [s for s in receiver.spans if "metrics" in s.name or "readyz" in s.name]
    assert PERSON not in receiver.text and "PROLIFIC_PID" not in receiver.text
    assert not any(key in one.attributes for one in asked for key in ("http.url", "http.target", "net.peer.ip"))


def _lines_without_persons(study: Study, log: Path) -> None:
    found = lines(log)  # every line is JSON, gunicorn's own too
    assert "gunicorn.error" in {line["logger"] for line in found}
    arrived = [line for line in found if line.get("view") == "listening:arrive"]
    assert len(arrived) == ASKED + 1 and len({line["request_id"] for line in arrived}) == ASKED + 1
    assert len({line["process"] for line in arrived}) > 1
    assert {line["study"] for line in arrived} == {study.slug}
    assert PERSON not in log.read_text()


def test_a_worker_is_watched_from_outside(watched, receiver, tmp_path):
    study = actions.launch(study=factories.study(), by=None)
    environment = {**watched, "AUDIONESE_ENGINES": study.generator.engine, "AUDIONESE_SWEEP_SECONDS": "5"}
    environment["AUDIONESE_LEASE_SECONDS"] = "60"  # a clip is called for once, also where the machine is slow
    clips = Clip.objects.filter(generator=study.generator)
    with workers.running(tmp_path, **environment) as worker:
        worker.wait_until(lambda: clips.exists() and not clips.exclude(state="done").exists())
        receiver.wait_until(lambda: _tasks(receiver))
    found = [json.loads(line) for line in worker.log.read_text().splitlines() if line.startswith("{")]
    called = [line for line in found if line["event"] == "The engine has answered."]
    assert {row for line in called for row in line["rows"]} == set(clips.values_list("pk", flat=True))
    for line in called:
        assert (line["kind"], line["engine"], line["study"]) == ("clip", study.generator.slug, [study.slug])
        assert line["task"] == "inference.tasks.work" and line["task_id"]
    assert {line["worker"] for line in called} == set(clips.values_list("worker", flat=True))
    assert {one.service for one in _tasks(receiver)} == {"audionese-worker"}


def _tasks(receiver: Receiver):
    """Of the task that served the clips."""
    traces = {one.trace for one in receiver.spans if one.attributes.get("audionese.kind") == "clip"}
    return [one for one in receiver.spans if one.name == "run/inference.tasks.work" and one.trace in traces]


@pytest.mark.parametrize(
    ("setting", "value", "package"),
    [("SENTRY_DSN", "http://key@127.0.0.1:9/1", "sentry_sdk"),
     ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9", "opentelemetry")],
)  # fmt: skip
def test_what_is_set_but_not_installed_is_said_in_one_line(monkeypatch, setting, value, package):
    monkeypatch.setenv(setting, value)
    hidden = f"import sys; sys.modules['{package}'] = None; "
    done = subprocess.run(
        [sys.executable, "-c", hidden + "from config.observability import exporting; exporting.begin('web')"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    said = done.stderr.strip().splitlines()[-1]
    assert f"{setting} is set, but" in said and "pip install -r requirements/observability.txt" in said


def test_nothing_of_either_is_imported_while_neither_is_set():
    # Other packages look for OpenTelemetry's interfaces by themselves; what sends is imported by us alone.
    sends = ("sentry_sdk", "opentelemetry.exporter", "opentelemetry.instrumentation")
    script = f"import config.wsgi, sys; print([n for n in sys.modules if n.startswith({sends})])"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
