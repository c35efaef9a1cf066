"""Signing in as a researcher: its limits, and what they do not tell."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts import tries
from accounts.models import AuditEntry, Tries
from accounts.tries import OF_NAME, OF_NAME_FROM_PLACE, Try
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
LOGIN = "/login/"


@pytest.fixture
def ada():
    return factories.user("ada", is_staff=True)


def sign_in(client, name="ada", password=PASSWORD, **place):
    return client.post(LOGIN, {"username": name, "password": password}, **place)


def refusal(answer) -> str:
    return str(answer.context["form"].non_field_errors())


def test_the_right_password_signs_in(client, ada):
    assert sign_in(client).url == reverse("results:studies")
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_after_five_wrong_passwords_the_right_one_waits_a_quarter_of_an_hour(client, ada):
    for _ in range(OF_NAME_FROM_PLACE):
        sign_in(client, password="wrong")

    assert "too many tries" in refusal(sign_in(client))
    Tries.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert sign_in(client).status_code == 302


def test_the_same_is_said_and_counted_of_a_name_that_nobody_has(client, ada):
    said = [[refusal(sign_in(client, name, "wrong")) for _ in range(7)] for name in ("ada", "nobody")]

    assert said[0] == said[1] and len(set(said[0])) == 1
    assert sorted(Tries.objects.values_list("count", flat=True)) == [5, 5, 5, 5, 10]


def test_who_guesses_shuts_out_no_one_elsewhere(client, ada):
    for _ in range(30):
        sign_in(client, password="wrong", REMOTE_ADDR="198.51.100.7")

    assert sign_in(client, REMOTE_ADDR="203.0.113.9").status_code == 302


def test_many_machines_that_guess_at_one_name_are_one(client, ada):
    for machine in range(OF_NAME):
        sign_in(client, password="wrong", REMOTE_ADDR=f"198.51.100.{machine}")

    assert "too many tries" in refusal(sign_in(client, REMOTE_ADDR="203.0.113.9"))


def test_one_machine_that_guesses_at_many_names_is_stopped(client, ada):
    for _ in range(tries.FROM_PLACE):
        Try("researcher", f"name {_}", "127.0.0.1")

    assert "too many tries" in refusal(sign_in(client))


def test_the_admin_has_no_other_way_in(client, ada):
    asked = client.post("/admin/login/?next=/admin/accounts/team/", {"username": "ada", "password": PASSWORD})

    assert asked.url == "/login/?next=/admin/accounts/team/"
    assert "_auth_user_id" not in client.session
    assert client.post(asked.url, {"username": "ada", "password": PASSWORD}).url == "/admin/accounts/team/"


def test_who_is_no_staff_is_told_so_and_not_led_in_circles(client):
    factories.user("eve")
    sign_in(client, "eve")

    assert client.get("/admin/", follow=True).status_code == 403


def test_neither_names_nor_addresses_are_kept(client):
    sign_in(client, "ada@example.org", "wrong", REMOTE_ADDR="198.51.100.7")

    kept = str(list(Tries.objects.values()))
    assert "ada" not in kept and "198.51" not in kept


def test_limits_take_the_address_that_the_nearest_trusted_proxy_saw(rf, settings):
    request = rf.get("/", REMOTE_ADDR="10.0.0.2", headers={"X-Forwarded-For": "1.1.1.1, 2.2.2.2, 3.3.3.3"})

    seen = {}
    for settings.PROXIES in (0, 1, 2, 9):
        seen[settings.PROXIES] = tries.place_of(request)
    assert seen == {0: "10.0.0.2", 1: "3.3.3.3", 2: "2.2.2.2", 9: "1.1.1.1"}


def test_a_lock_out_is_in_the_audit_trail_once(client, ada):
    for _ in range(9):
        sign_in(client, password="wrong")

    assert [entry.text for entry in AuditEntry.objects.filter(text__contains="shut")] == [
        "Signing in was shut for a quarter of an hour: 5 wrong passwords in a row. For ada."
    ]


@pytest.mark.django_db(transaction=True)
def test_many_tries_at_once_are_all_counted():
    allowed = []

    def one() -> None:
        allowed.append(Try("researcher", "ada", "here").allowed)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == OF_NAME_FROM_PLACE
