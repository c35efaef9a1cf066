"""Alive and ready, as a supervisor and a load balancer ask for them."""

from __future__ import annotations

import pytest
from celery import current_app
from django.db.migrations.recorder import MigrationRecorder

from config.observability import health
from tests.config.observability.conftest import SECRET
from tests.servers import free


@pytest.fixture
def broker():
    """Points this process at another broker, and back."""
    before = current_app.conf.broker_url
    yield lambda url: setattr(current_app.conf, "broker_url", url)
    current_app.conf.broker_url = before


def test_alive_asks_nothing_of_anybody(client, no_database, broker):
    broker(f"redis://:{SECRET}@127.0.0.1:{free()}/0")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_all_is_there(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "checks": {"database": "ok", "migrations": "ok", "broker": "ok"},
    }


def test_a_database_that_is_away_is_said_without_its_password(client, no_database):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "not ready"
    assert "DATABASE_URL" in answer.json()["checks"]["database"]
    assert answer.json()["checks"]["broker"] == "ok"
    assert SECRET not in answer.text and "127.0.0.1" not in answer.text


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_has_closed_is_no_outage(client):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        mine = cursor.fetchone()[0]
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [mine])
    other.close()
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_a_migration_that_is_not_applied_is_named(client):
    MigrationRecorder.Migration.objects.filter(app="studies", name="0009_kept").delete()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "1 migrations are not applied (studies.0009_kept)" in answer.json()["checks"]["migrations"]
    assert "manage.py migrate" in answer.json()["checks"]["migrations"]


@pytest.mark.django_db
def test_a_newer_version_s_migrations_are_no_obstacle(client):
    MigrationRecorder.Migration.objects.create(app="studies", name="9999_of_tomorrow")
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_a_broker_that_is_away_is_said_without_its_password_and_can_be_left_out(client, broker):
    broker(f"amqp://somebody:{SECRET}@127.0.0.1:{free()}//")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "CELERY_BROKER_URL" in answer.json()["checks"]["broker"]
    assert SECRET not in answer.text and "somebody" not in answer.text
    assert client.get("/readyz?exclude=broker").json()["checks"] == {"database": "ok", "migrations": "ok"}


def test_a_check_that_does_not_exist_is_refused(client):
    answer = client.get("/readyz?exclude=brokr")
    assert (answer.status_code, answer.json()["known"]) == (400, ["database", "migrations", "broker"])


def test_the_migrations_are_those_of_this_version():
    assert ("studies", "0001_extension") in health.shipped()


@pytest.mark.parametrize("path", ["/healthz", "/readyz?exclude=database&exclude=migrations&exclude=broker"])
def test_they_answer_under_any_host_name_and_before_https(client, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["study.example.org"]
    assert client.get(path, headers={"host": "10.1.2.3:8000"}).status_code == 200
    assert client.post(path).status_code == 405
