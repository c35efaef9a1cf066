"""The board and the alerts ask for what /metrics has: every name, every label, every value of a state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from django.utils import timezone

from results.models import Delivery
from studies import actions, workers
from tests import factories
from tests.config.observability.figures import Figures
from tests.studies import driver

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
BOARD = json.loads((DEPLOY / "grafana" / "audionese.json").read_text())
PANELS = BOARD["panels"]
RULES = yaml.safe_load((DEPLOY / "prometheus" / "audionese.rules.yml").read_text())["groups"][0]["rules"]
OF_PROMETHEUS = {"up"}  # what it says itself of what it reads
LISTED = {"kind", "population"}  # labels whose every value is there

EXPRESSIONS = [
    *((f"{panel['title']} {one['refId']}", one["expr"]) for panel in PANELS for one in panel.get("targets", ())),
    *((rule["alert"], rule["expr"]) for rule in RULES),
]


def selectors(expression: str) -> Iterator[Any]:
    """Every metric that a query names. Raises ValueError where it is no PromQL."""
    parsed = promql_parser.parse(expression.replace("$__rate_interval", "1m"))
    found: list[Any] = []
    promql_parser.walk(parsed, found.append)
    return (node for node in found if isinstance(node, promql_parser.VectorSelector))


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker) -> Iterator[Figures]:
    """/metrics of an installation in which everything has happened once."""
    from django.db import transaction
    from django.test import Client

    with django_db_blocker.unblock(), transaction.atomic():
        study = actions.launch(study=factories.study(), by=None)
        driver.drive(study, fail=lambda kind, row: "No." if kind == "clip" and row.seed % 2 else "")
        card = {"name": "NVIDIA H200", "used": 1, "total": 2}
        memory = [{"name": "host:1", "memory": 1}]
        workers.announce("celery@host:1", ["sandbox-oracle"], timezone.now(), processes=memory, gpus=[card])
        actions.launch(study=factories.study(), by=None)
        client = Client()
        client.get("/studies/")
        yield Figures(client.get("/metrics").text)
        assert not Delivery.objects.exists()
        transaction.set_rollback(True)


@pytest.mark.parametrize(("title", "expression"), EXPRESSIONS, ids=[title for title, _ in EXPRESSIONS])
def test_a_query_names_what_is_there(told, title, expression):
    for selector in selectors(expression):
        samples = [sample for sample in told.samples if sample.name == selector.name]
        assert samples or selector.name in OF_PROMETHEUS, f"{selector.name} is not at /metrics"
        for matcher in selector.matchers.matchers:
            values = {sample.labels.get(matcher.name) for sample in samples}
            assert samples == [] or None not in values, f"{selector.name} has no label {matcher.name}"
            if matcher.name in LISTED:
                assert matcher.value in values


def test_every_label_that_a_query_groups_by_is_there(told):
    labels = {name for sample in told.samples for name in sample.labels}
    asked = {
        name.strip()
        for _, e in EXPRESSIONS
        for names in re.findall(r"\bby \(([^)]*)\)", e)
        for name in names.split(",")
    }
    assert asked <= labels


def test_every_metric_is_on_the_board(told):
    """But for what the histograms count beside their buckets, and the clients' own."""
    shown = {selector.name for _, expression in EXPRESSIONS for selector in selectors(expression)}
    ours = {name for name in told.names if name.startswith("audionese_")}
    assert {name for name in ours - shown if not name.endswith(("_count", "_sum", "_created"))} == set()


def test_the_board_is_one_that_grafana_reads():
    assert BOARD["uid"] == "audionese" and BOARD["schemaVersion"] >= 36
    assert {"title", "time", "templating", "annotations", "refresh"} <= BOARD.keys()
    (source,) = BOARD["templating"]["list"]
    assert (source["type"], source["query"]) == ("datasource", "prometheus")
    ids = [panel["id"] for panel in PANELS]
    assert len(ids) == len(set(ids))
    for panel in PANELS:
        assert panel["type"] in {"row", "stat", "timeseries", "table"}
        if panel["type"] != "row":
            assert panel["datasource"] == {"type": "prometheus", "uid": f"${{{source['name']}}}"}
            assert panel["title"] and panel["description"] and panel["fieldConfig"]["defaults"]["unit"]
            assert len({one["refId"] for one in panel["targets"]}) == len(panel["targets"]) >= 1


def test_no_panel_lies_on_another():
    places = [panel["gridPos"] for panel in PANELS]
    assert all(place["x"] >= 0 and place["x"] + place["w"] <= 24 for place in places)
    cells = [(x, y) for p in places for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])]
    assert len(cells) == len(set(cells))


def test_every_alert_says_what_it_means_and_what_to_do():
    assert len({rule["alert"] for rule in RULES}) == len(RULES) >= 8
    for rule in RULES:
        assert rule["for"] and rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert rule["annotations"]["summary"] and rule["annotations"]["description"]


def test_prometheus_is_told_where_to_read():
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    (job,) = config["scrape_configs"]
    assert (job["job_name"], job["metrics_path"]) == ("audionese", "/metrics")
    assert all((DEPLOY / "prometheus" / name).exists() for name in config["rule_files"])
