"""What becomes of studies is told: signed, until it is heard, to nobody inside, and anybody of the team can see it."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from standardwebhooks import Webhook as Receiver
from standardwebhooks import WebhookVerificationError

from listening.models import Trial
from results.hooks import announce, deliver, guard
from results.models import Delivery, Webhook
from studies import actions, clock
from studies.models import Rewrite, Study
from tests import factories
from tests.studies.driver import drive


class Ear:
    """An HTTP server that hears what is told, and answers what it is set to."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict, str]] = []
        self.answers: list[int] = []
        self.location = ""
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                ear.heard.append((dict(self.headers), body))
                self.send_response(ear.answers.pop(0) if ear.answers else 204)
                if ear.location:
                    self.send_header("Location", ear.location)
                self.end_headers()

            def log_message(self, *args) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def ear(settings):
    settings.WEBHOOKS_PRIVATE = True
    made = Ear()
    yield made
    made.close()


@pytest.fixture
def team(owner):
    return factories.team(owner)


@pytest.fixture
def hook(team, ear):
    return Webhook.objects.create(team=team, url=ear.url, events=[event.value for event in Webhook.Event])


def test_what_becomes_of_a_study_is_told_and_signed(team, hook, ear):
    study = factories.study(team)
    actions.launch(study=study, by=None)
    actions.pause(study=study, by=None)
    actions.resume(study=study, by=None)
    drive(study)
    deliver.deliver()
    told = [json.loads(Receiver(hook.secret).verify(body, _lower(headers)) and body) for headers, body in ear.heard]
    assert [each["type"] for each in told] == ["study.launched", "study.paused", "study.resumed", "study.completed"]
    assert told[-1]["data"]["slug"] == study.slug and told[-1]["data"]["status"] == "complete"
    assert told[-1]["data"]["path"] == f"/api/v1/studies/{study.slug}"
    assert {row.state for row in Delivery.objects.all()} == {"delivered"} and len(set(_ids(ear))) == 4
    with pytest.raises(WebhookVerificationError):
        Receiver(Webhook(secret=hook.secret[:-6] + "AAAAA=").secret).verify(ear.heard[0][1], _lower(ear.heard[0][0]))


def _lower(headers: dict) -> dict:
    return {name.lower(): value for name, value in headers.items()}


def _ids(ear) -> list[str]:
    return [_lower(headers)["webhook-id"] for headers, _ in ear.heard]


def test_a_study_that_pauses_itself_says_why(team, hook, ear):
    study = actions.launch(study=factories.study(team, prompt_set=factories.prompt_set(team, test=12)), by=None)
    drive(study, fail=lambda kind, row: "Out of memory" if kind == "clip" else "")
    deliver.deliver()
    told = json.loads(ear.heard[-1][1])
    assert told["type"] == "study.paused" and "more than the limit" in told["data"]["status_reason"]


def test_only_what_was_asked_for_is_told_and_only_to_its_team(team, hook, ear):
    other, mine = factories.study(factories.team(factories.user())), factories.study(team)
    Webhook.objects.filter(pk=hook.pk).update(events=["study.cancelled"], study=mine)
    for study in (other, mine, factories.study(team)):
        actions.launch(study=study, by=None)
        actions.cancel(study=study, by=None)
    assert [(row.event, row.study) for row in Delivery.objects.all()] == [("study.cancelled", mine)]
    Webhook.objects.update(active=False)
    assert announce.announce(mine, "study.cancelled") == 0


def test_what_is_undone_is_not_told(team, hook):
    from django.db import transaction

    study = factories.study(team)
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.launch(study=study, by=None)
        raise RuntimeError
    assert not Delivery.objects.exists()


def test_it_is_tried_again_later_each_time_under_the_same_id(team, hook, ear):
    announce.test(hook)
    ear.answers = [500, 503, 302, 404]
    ear.location = ear.url + "/elsewhere"
    pauses = []
    for _ in range(5):
        assert deliver.deliver() == 1 and deliver.deliver() == 0
        row = Delivery.objects.get()
        if row.state == "waiting":
            pauses.append((row.next_at - clock.now()).total_seconds() / 60)
            Delivery.objects.update(next_at=clock.now())
    assert [round(pause, 1) for pause in pauses] == [0.2, 1.0, 5.0, 30.0]
    assert (row.state, row.attempts, row.status) == ("delivered", 5, 204) and len(set(_ids(ear))) == 1


def test_in_the_end_it_is_given_up_and_can_be_sent_again_by_hand(team, hook, ear, reader, settings):
    delivery = announce.test(hook)
    ear.answers = [500] * 9
    for _ in range(9):
        deliver.deliver()
        Delivery.objects.filter(state="waiting").update(next_at=clock.now())
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.status) == ("failed", 9, 500)
    assert sum(deliver.PAUSES) > 24 * 60
    chosen = {"action": "send_again", "_selected_action": [delivery.pk]}
    reader.post(reverse("admin:results_delivery_changelist"), chosen)  # only staff may
    assert deliver.deliver() == 0
    reader.get("/")
    owner = delivery.webhook.team.memberships.get().user
    owner.is_staff = True
    owner.save()
    reader.post(reverse("admin:results_delivery_changelist"), chosen)
    assert deliver.deliver() == 1
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_an_address_that_is_gone_is_left_alone(team, hook, ear):
    announce.test(hook)
    ear.answers = [410]
    deliver.deliver()
    hook.refresh_from_db()
    assert not hook.active and Delivery.objects.get().state == "failed"


@pytest.mark.parametrize(
    ("url", "said"),
    [("http://127.0.0.1:1/", "ConnectError"), ("http://no-such-host.invalid/", "was not found")],
)
def test_why_nothing_was_heard_is_said(team, hook, url, said):
    Webhook.objects.update(url=url)
    announce.test(hook)
    deliver.deliver()
    row = Delivery.objects.get()
    assert row.state == "waiting" and said in row.error and row.status is None


def test_a_worker_that_dies_while_it_sends_leaves_it_to_the_next(team, hook, ear):
    announce.test(hook)
    claimed = deliver._claimed()
    assert claimed and deliver.deliver() == 0
    Delivery.objects.update(next_at=clock.now() - timedelta(seconds=1))
    assert deliver.deliver() == 1 and Delivery.objects.get().attempts == 2


def test_votes_that_are_all_there_are_told_once(team, hook, ear):
    study = factories.complete(factories.study(team))
    from listening.actions.open_trials import open_trials

    open_trials(study=study)
    assert announce.votes_complete() == 0
    for trial in Trial.objects.filter(study=study, kind="study"):
        Trial.objects.filter(pk=trial.pk).update(votes_people=trial.votes_needed)
    assert announce.votes_complete() == 1 and announce.votes_complete() == 0
    deliver.deliver()
    assert json.loads(ear.heard[-1][1])["type"] == "votes.complete"


INSIDE = [
    "https://127.0.0.1/", "https://localhost/x", "https://10.1.2.3/", "https://192.168.0.1/", "https://169.254.169.254/",
    "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[fd00::1]/", "https://0.0.0.0/", "https://224.0.0.1/",
    "https://db.internal/", "http://example.org/", "ftp://example.org/", "https://u:p@example.org/", "https:///x",
    "https://exa mple.org/", "javascript:alert(1)", "https://100.64.0.1/", "https://[2002:7f00:1::]/",
]  # fmt: skip


@pytest.mark.parametrize("url", INSIDE)
def test_an_address_inside_is_refused_where_it_is_typed(url):
    with pytest.raises(ValidationError):
        guard.check(url)


def test_a_name_that_leads_inside_is_not_called(team, hook, settings, monkeypatch):
    """Whatever it led to when it was typed: every address is judged when the connection is made."""
    settings.WEBHOOKS_PRIVATE = False
    answers = [("93.184.215.14", 443), ("10.0.0.5", 443)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [(2, 1, 6, "", place) for place in answers])
    guard.check("https://rebinding.example/")
    with pytest.raises(guard.Forbidden, match=r"10\.0\.0\.5 is inside"):
        guard.post("https://rebinding.example/", b"{}", {}, 10)
    Webhook.objects.update(url="https://rebinding.example/")
    announce.test(hook)
    deliver.deliver()
    assert "10.0.0.5 is inside" in Delivery.objects.get().error


def test_the_connection_goes_to_the_address_that_was_judged(settings, monkeypatch):
    called = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [(2, 1, 6, "", ("93.184.215.14", 443))])

    def connect(self, host, *args):
        called.append(host)
        raise httpcore.ConnectError("far away")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    with pytest.raises(httpcore.ConnectError, match="far away"):
        guard.post("https://public.example/", b"{}", {}, 10)
    assert called == ["93.184.215.14"]
    assert httpcore.default_ssl_context().verify_mode == ssl.CERT_REQUIRED


def test_scripts_make_see_and_delete_them(team, ear, reader):
    where = reverse("api:webhooks")
    body = {"team": team.slug, "url": ear.url, "events": ["study.completed", "study.paused", "study.paused"]}
    made = reader.post(where, json.dumps(body), content_type="application/json")
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    assert made.json()["events"] == ["study.completed", "study.paused"]
    one = reader.get(made["Location"]).json()
    assert "secret" not in one and one["url"] == ear.url
    assert reader.post(reverse("api:test-webhook", args=[one["id"]])).status_code == 202
    deliver.deliver()
    told = reader.get(reverse("api:deliveries", args=[one["id"]])).json()["results"][0]
    assert (told["state"], told["status"], told["event"], json.loads(told["body"])["type"]) == (
        *("delivered", 204, "test", "test"),
    )
    assert reader.delete(made["Location"]).status_code == 204 and not Webhook.objects.exists()
    for change, field in (({"url": "gopher://x"}, "url"), ({"events": ["x"]}, "events.0"), ({"study": "no"}, "study")):
        refused = reader.post(where, json.dumps(body | change), content_type="application/json")
        assert refused.status_code == 400 and refused.json()["errors"][0]["field"].startswith(field.split(".")[0])


def test_researchers_make_them_in_the_admin(team, ear, reader, owner):
    owner.is_staff = True
    owner.save()
    study, other = factories.study(team), factories.study(factories.team(factories.user()))
    body = {"team": team.pk, "url": ear.url, "events": ["study.completed"], "active": "on"}
    refused = reader.post(reverse("admin:results_webhook_add"), body | {"url": "https://user:pw@x.example"})
    assert "Leave names and passwords out" in refused.text
    assert not reader.post(reverse("admin:results_webhook_add"), body | {"study": other.pk}).headers.get("Location")
    reader.post(reverse("admin:results_webhook_add"), body | {"study": study.pk})
    hook = Webhook.objects.get()
    assert (hook.created_by, hook.study) == (owner, study)
    shown = reader.get(reverse("admin:results_webhook_change", args=[hook.pk]))
    assert hook.secret in shown.text and "Send a test" in shown.text
    landed = reader.post(reverse("admin:results_webhook_test", args=[hook.pk]), follow=True)
    assert "A test is on its way" in landed.text
    deliver.deliver()
    assert "Delivered" in reader.get(reverse("admin:results_webhook_changelist")).text
    assert Rewrite.objects.count() == 0 and Study.objects.count() == 2
