"""Log lines say what they are about, and nothing about whom."""

from __future__ import annotations

import io
import json
import logging
import logging.config

import pytest
from django.test import Client

from accounts.models import Rater
from config.discretion import Filter
from config.observability import logs
from inference import tasks
from listening.actions.open_trials import open_trials
from studies import actions
from studies.models import Rewrite
from tests import factories
from tests.accounts.panels import invited, member, panel
from tests.studies import driver

PERSON = "5f0000000000000000000001"


@pytest.fixture
def lines():
    """What the product's own handler writes meanwhile; called, the lines so far as JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter("json"))
    handler.addFilter(Filter())
    root = logging.getLogger()
    before, root.level = root.level, logging.INFO
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(before)


def answered(lines) -> list[dict]:
    return [line for line in lines() if line["event"] == "Answered."]


@pytest.mark.django_db
def test_a_request_s_lines_carry_its_id_and_its_study(client, lines):
    study = factories.complete(factories.study())
    open_trials(study=study)
    answer = client.get(f"/listen/{study.slug}/", headers={"x-request-id": "from-the-proxy-1"})
    (line,) = answered(lines)
    assert answer["X-Request-ID"] == line["request_id"] == "from-the-proxy-1"
    assert (line["study"], line["view"], line["method"], line["status"]) == (study.slug, "listening:arrive", "GET", 200)
    assert line["level"] == "info" and line["ms"] > 0 and line["process"]


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", "short", "x" * 65, 'quote"break', "a b c d e f", "äöüäöüäöü"])
def test_a_request_id_that_is_none_is_not_repeated(client, lines, given):
    answer = client.get("/studies/", headers={"x-request-id": given.encode().decode("latin-1")})
    assert len(answer["X-Request-ID"]) == 32
    assert answered(lines)[0]["request_id"] == answer["X-Request-ID"]


@pytest.mark.django_db
def test_a_request_tells_nothing_of_the_one_before(client, lines):
    study = factories.study()
    client.get(f"/studies/{study.slug}/")
    client.get("/studies/")
    first, second = answered(lines)
    assert first["study"] == study.slug and "study" not in second
    assert first["request_id"] != second["request_id"]


@pytest.mark.django_db
def test_a_row_of_the_admin_is_named_by_its_number(admin_client, lines):
    study = factories.study()
    admin_client.get(f"/admin/studies/study/{study.pk}/change/")
    (line,) = answered(lines)
    assert (line["kind"], line["rows"]) == ("studies_study_change", [study.pk])


@pytest.mark.django_db
def test_an_engine_call_s_lines_carry_its_rows_kind_engine_and_studies(lines, monkeypatch):
    study = actions.launch(study=factories.study(arms=("instruct",)), by=None)
    bad = Rewrite.objects.filter(state="waiting").order_by("pk")[1]

    def serve(rows):
        if bad in rows:
            raise ValueError("This one is broken.")
        return [driver.outcome("rewrite", row) for row in rows]

    monkeypatch.setitem(tasks.SERVE, "rewrite", serve)
    monkeypatch.setattr(tasks, "engines", lambda: None)
    tasks.one_batch()
    (call,) = (line for line in lines() if line["event"] == "The engine has answered.")
    (failure,) = (line for line in lines() if line["event"].endswith("failed: This one is broken."))
    rewriter = study.arms.get(key="instruct").rewriter
    assert (call["kind"], call["engine"], call["study"]) == ("rewrite", rewriter.slug, [study.slug])
    assert len(call["rows"]) == 4 and bad.pk in call["rows"] and call["lease"]
    assert (call["done"], call["failed"]) == (3, 1)
    assert failure["rows"] == [bad.pk] and "ValueError" in failure["exception"] and failure["study"] == [study.slug]


def test_a_task_s_lines_carry_its_name_its_id_and_its_process(lines):
    from celery import current_app

    @current_app.task(name="tests.says")
    def says() -> None:
        logging.getLogger("says").info("Here.")

    says.apply(task_id="task-1")
    logging.getLogger("says").info("After.")
    inside, after = (line for line in lines() if line["logger"] == "says")
    assert (inside["task"], inside["task_id"]) == ("tests.says", "task-1")
    assert ":" in inside["worker"] and "task" not in after


@pytest.mark.django_db
def test_nothing_that_a_person_brings_along_is_written(lines):
    """A rater comes, is refused, meets an error; a member of a panel joins and signs in."""
    study = factories.complete(factories.study())
    open_trials(study=study)
    listeners = panel(study.team)
    link = invited(listeners, "anna@example.org")
    member(listeners, "ben@example.org")
    browser = Client(raise_request_exception=False, enforce_csrf_checks=True, HTTP_USER_AGENT="Anna's phone")
    for path in (
        f"/listen/{study.slug}/?PROLIFIC_PID={PERSON}&STUDY_ID=1",
        f"/listen/no-such-study/?PROLIFIC_PID={PERSON}",
        f"/listen/audio/{'k' * 32}",
        f"/panel/join/{link.token}/",
        f"/panel/link/{link.token}/",
        f"/no/such/page/{PERSON}?email=anna@example.org",
    ):
        browser.get(path, REMOTE_ADDR="203.0.113.77", headers={"referer": f"https://x.example/?PROLIFIC_PID={PERSON}"})
        browser.post(path, {"email": "anna@example.org", "password": "a heron over the marsh"})
    browser.post("/panel/sign-in/", {"email": "ben@example.org"}, headers={"host": "evil.example.org"})
    written = json.dumps(lines())
    assert len(answered(lines)) >= 12
    for word in (PERSON, link.token, "k" * 32, "anna@", "ben@", "203.0.113", "heron", "Anna", "x.example"):
        assert word not in written, word


@pytest.mark.django_db
def test_an_error_is_told_with_its_traceback_but_without_the_values_of_the_row(lines, monkeypatch):
    study = factories.complete(factories.study())
    open_trials(study=study)
    Rater.objects.create(provider="prolific", external_id=PERSON)

    def twice(*_args, **_more):
        Rater.objects.create(provider="prolific", external_id=PERSON)

    monkeypatch.setattr("listening.views.arrival.open_study", twice)
    browser = Client(raise_request_exception=False)
    assert browser.get(f"/listen/{study.slug}/?PROLIFIC_PID={PERSON}").status_code == 500
    (error,) = (line for line in lines() if line["level"] == "error")
    assert error["event"] == "Internal Server Error: listening:arrive"
    assert "IntegrityError" in error["exception"] and "arrival.py" in error["exception"]
    assert error["study"] == study.slug and error["request_id"]
    assert PERSON not in json.dumps(lines())


def test_lines_for_people_say_the_same():
    record = logging.LogRecord("studies", logging.INFO, __file__, 1, "Study %s launched.", ("sad-music",), None)
    line = logs.formatter("text").format(record)
    assert "[info" in line and "Study sad-music launched." in line and "[studies]" in line
    assert not line.startswith("{")


def test_a_format_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="AUDIONESE_LOG_FORMAT is 'xml'; it can be text or json"):
        logs.configuration("xml", "INFO")
