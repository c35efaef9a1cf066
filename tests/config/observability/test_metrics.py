"""/metrics says what is so: rows, engines, workers, raters, votes, webhooks; and only to whom it may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from config.observability import figures as parts
from inference.presence import own_queue
from listening.actions.open_trials import open_trials
from listening.models import Session
from results.hooks import announce
from results.models import Delivery, Webhook
from studies import actions, workers
from studies.models import Clip, EngineCalls, EngineSpec, Rewrite
from tests import factories
from tests.config.observability.figures import Figures
from tests.listening.raters import consented, take_and_vote
from tests.studies import driver

GPU = {"name": "NVIDIA H200", "used": 10 * 2**30, "total": 141 * 2**30}


def read(client, **more) -> Figures:
    answer = client.get("/metrics", **more)
    assert answer.status_code == 200
    return Figures(answer.text)


@pytest.fixture
def study(db):
    return actions.launch(study=factories.study(), by=None)


def test_rows_are_counted_by_kind_engine_and_state(client, study):
    rewriter, generator = EngineSpec.objects.get(kind="rewriter").slug, study.generator.slug
    before = read(client)
    assert before.of("audionese_rows", kind="rewrite", engine=rewriter, state="waiting") == 4
    assert before.of("audionese_queue_depth", kind="rewrite", engine=rewriter) == 4
    driver.drive(study, fail=lambda kind, row: "No sound." if kind == "clip" and row.seed % 2 else "")
    failed = Clip.objects.filter(state="failed").count()
    done = Clip.objects.filter(state="done").count()
    assert failed and done
    after = read(client)
    assert after.of("audionese_rows", kind="clip", engine=generator, state="failed") == failed
    assert after.of("audionese_rows_finished_total", kind="clip", engine=generator, state="failed") == failed
    assert after.of("audionese_rows_finished_total", kind="clip", engine=generator, state="done") == done
    assert after.of("audionese_rows_finished_total", kind="rewrite", engine=rewriter, state="done") == 4
    assert after.of("audionese_queue_depth") == 0


def test_a_paused_study_s_rows_wait_but_are_not_in_the_queue(client, study):
    actions.pause(study=study, by=None)
    found = read(client)
    assert found.of("audionese_rows", state="waiting") > 0
    assert found.of("audionese_queue_depth") == 0
    assert found.of("audionese_studies", status="paused") == 1


def test_rows_whose_worker_is_lost_are_told_from_those_that_run(client, study):
    batch = actions.claim(worker="somebody")
    assert read(client).of("audionese_rows", kind=batch.kind, state="running") == len(batch.rows)
    Rewrite.objects.filter(lease=batch.lease).update(leased_until=timezone.now() - timedelta(seconds=1))
    found = read(client)
    assert found.of("audionese_rows", kind=batch.kind, state="running") == 0
    assert found.of("audionese_rows", kind=batch.kind, state="lost") == len(batch.rows)


def test_calls_of_an_engine_are_a_histogram_that_adds_up(client, study):
    for seconds in (0.02, 0.02, 7.0, 4000.0):
        batch = actions.claim(worker="somebody", most=lambda kind, first: 1)
        actions.record(
            batch=batch,
            outcomes=[
                actions.Outcome(row.pk, driver.outcome(batch.kind, row).values, "", seconds) for row in batch.rows
            ],
        )
    found, name = read(client), "audionese_engine_call_seconds"
    assert found.of(f"{name}_count") == 4
    assert found.of(f"{name}_sum") == pytest.approx(4007.04)
    buckets = {le: found.of(f"{name}_bucket", le=le) for le in ("0.05", "5.0", "10.0", "1800.0", "+Inf")}
    assert buckets == {"0.05": 2, "5.0": 2, "10.0": 3, "1800.0": 3, "+Inf": 4}


def test_a_batch_whose_lease_has_passed_on_is_not_counted(client, study):
    batch = actions.claim(worker="somebody")
    Rewrite.objects.filter(lease=batch.lease).update(state="waiting", lease=None, leased_until=None)
    driver.serve(batch)
    assert not EngineCalls.objects.exists()


def test_workers_are_counted_with_their_processes_memory_and_graphics_cards(client, study):
    batch = actions.claim(worker="gpu-1:18")
    processes = [{"name": "gpu-1:17", "memory": 3 * 2**30}, {"name": "gpu-1:18", "memory": 2 * 2**30}]
    now = timezone.now()
    for name in ("celery@gpu-1:17", "other@gpu-1:30"):
        workers.announce(name, ["sandbox-synthesiser"], now, processes=processes[:2], gpus=[GPU])
        processes = [{"name": "gpu-1:30", "memory": 2**30}]
    found = read(client)
    assert batch.kind == "rewrite"
    assert found.of("audionese_workers") == 2
    assert found.of("audionese_engine_workers", engine_key="sandbox-synthesiser") == 2
    assert found.of("audionese_worker_processes", host="gpu-1", state="busy") == 1
    assert found.of("audionese_worker_processes", host="gpu-1", state="idle") == 2
    assert found.of("audionese_worker_memory_bytes", host="gpu-1") == 6 * 2**30
    # Both workers tell of the one card.
    assert found.of("audionese_gpu_memory_bytes", host="gpu-1", gpu="0", state="used") == GPU["used"]
    assert found.of("audionese_gpu_memory_bytes", host="gpu-1", name="NVIDIA H200", state="total") == GPU["total"]
    workers.Worker.objects.update(seen_at=now - timedelta(hours=1))
    assert read(client).of("audionese_workers") == 0


def test_votes_and_raters_are_counted_and_nobody_is_named(client, db):
    heard = factories.complete(factories.study(trials_per_session=2))
    open_trials(study=heard)
    rater = consented(heard, name="somebody-7")
    while take_and_vote(rater):
        pass
    present = consented(heard, name="somebody-8")
    Session.objects.filter(pk=present.pk).update(last_seen_at=timezone.now())
    answer = client.get("/metrics")
    found = Figures(answer.text)
    assert found.of("audionese_votes", population="people") == 2
    assert found.of("audionese_raters", population="people") == 1
    assert "somebody" not in answer.text and heard.slug not in answer.text and present.token not in answer.text


def test_webhooks_are_counted_and_overdue_ones_apart(client, study):
    Webhook.objects.create(team=study.team, url="https://hook.example/", events=["study.paused"])
    announce.announce(study, "study.paused")
    assert read(client).of("audionese_webhook_deliveries", state="waiting") == 1
    assert read(client).of("audionese_webhook_deliveries", state="overdue") == 0
    Delivery.objects.update(next_at=timezone.now() - timedelta(minutes=10))
    assert read(client).of("audionese_webhook_deliveries", state="overdue") == 1


def test_requests_are_timed_by_view_and_never_by_address(client, study):
    name, vote = "audionese_http_request_seconds_count", {"view": "listening:arrive", "method": "GET"}
    before = read(client)
    client.get(f"/listen/{study.slug}/?PROLIFIC_PID=5f0000000000000000000001")
    client.get("/no/such/page/5f0000000000000000000001")
    client.generic("BREW", "/")
    answer = client.get("/metrics")
    after = Figures(answer.text)
    assert after.of(name, **vote) == before.of(name, **vote) + 1
    assert after.of(name, view="none", status="4xx") == before.of(name, view="none", status="4xx") + 1
    assert after.of(name, method="other") == before.of(name, method="other") + 1
    assert "5f00000" not in answer.text and "BREW" not in answer.text and study.slug not in answer.text


def test_a_figure_that_is_slow_is_left_out_and_said(client, db, monkeypatch):
    def slow():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(20)")
        return []

    monkeypatch.setattr(parts, "PATIENCE", 2_000)  # milliseconds, in which a busy machine reads the others
    monkeypatch.setitem(parts.PARTS, "votes", slow)
    found = read(client)
    assert found.of("audionese_figures_missing", part="votes") == 1
    assert found.of("audionese_figures_missing") == 1
    assert found.of("audionese_database_up") == 1
    assert "audionese_raters" in found.names


def test_without_a_database_the_web_server_s_own_figures_are_still_there(client, no_database):
    client.get("/no/such/page/")
    found = read(client)
    assert found.of("audionese_database_up") == 0
    assert found.of("audionese_figures_missing") == len(parts.PARTS)
    assert found.of("audionese_http_request_seconds_count") > 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("203.0.113.9", {}),
        ("10.0.0.4", {}),
        ("::ffff:203.0.113.9", {}),
        ("", {}),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.9"}),
        ("127.0.0.1", {"forwarded": "for=203.0.113.9"}),
        ("127.0.0.1", {"via": "1.1 Caddy"}),
    ],
)
def test_the_world_and_whoever_comes_through_the_proxy_finds_nothing(client, peer, headers):
    answer = client.get("/metrics", REMOTE_ADDR=peer, headers=headers)
    assert answer.status_code == 404 and b"audionese_" not in answer.content


@pytest.mark.django_db
def test_a_network_that_is_named_may_read(client, settings):
    settings.METRICS_NETWORKS = ["10.0.0.0/8"]
    read(client, REMOTE_ADDR="10.9.8.7")
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 404


@pytest.mark.django_db
def test_where_a_token_is_set_it_alone_opens_through_whatever_stands_between(client, settings):
    settings.METRICS_TOKEN = "a long secret"
    for given in (
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "a long secret"},
        {"authorization": "Bearer ü"},
    ):
        assert client.get("/metrics", headers=given).status_code == 404
    read(client, headers={"authorization": "Bearer a long secret", "x-forwarded-for": "203.0.113.9"})


@pytest.mark.django_db
def test_a_worker_s_host_is_read_from_its_name():
    from config.observability.workers import host

    assert host(workers.Worker(name="celery@gpu-1:17")) == "gpu-1"
    assert host(workers.Worker(name="worker@gpu-2.example.org:17")) == "gpu-2.example.org"
    assert host(workers.Worker(name=own_queue("plain"))) == "plain"
