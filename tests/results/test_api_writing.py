"""What scripts may do, and what stops them: scopes, roles, rates, things as they stand, and sending twice."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken, IdempotencyKey, Membership
from prompts.models import PromptSet
from studies import recipes
from studies.models import Rewrite, Study
from tests import factories
from tests.studies.driver import drive

ALL = [scope.value for scope in ApiToken.Scope]
PIANO = {"text": "a slow piano in a large hall", "kind": "expert", "tags": ["music"]}
PROMPTS = [{"text": "rain on a tin roof"}, PIANO]


class Script:
    """Sends JSON with a token."""

    def __init__(self, user, scopes=ALL, studies=()) -> None:
        self.token, key = ApiToken.issue(user, "script", scopes=list(scopes), studies=list(studies))
        self.client = Client(headers={"Authorization": f"Bearer {key}"})

    def get(self, name, *args, **asked):
        return self.client.get(reverse(f"api:{name}", args=args), asked)

    def post(self, name, *args, body=None, **headers):
        where = reverse(f"api:{name}", args=args)
        return self.client.post(where, json.dumps(body or {}), content_type="application/json", headers=headers)


@pytest.fixture
def team(owner):
    return factories.team(owner)


@pytest.fixture
def script(owner, team):
    return Script(owner)


@pytest.fixture
def prompts(script, team):
    many = [{"text": f"sound number {n}"} for n in range(8)]
    many += [{"text": f"to learn from {n}", "split": "train"} for n in range(12)]
    experts = [{"text": f"an expert caption {n} of a long sound", "kind": "expert"} for n in range(14)]
    many += [each | {"split": "train"} for each in experts[:4]] + experts[4:]
    made = script.post("prompt-sets", body={"team": team.slug, "name": "Sounds", "prompts": many})
    assert made.status_code == 201, made.content
    return made.json()["slug"]


def wanted(team, prompts, **more) -> dict:
    return {"team": team.slug, "prompt_set": prompts, "recipe": "sandbox", **more}


def fields(response) -> dict[str, str]:
    assert response["Content-Type"] == "application/problem+json", response.content
    return {each["field"]: each["detail"] for each in response.json()["errors"]}


def test_a_prompt_set_is_made_from_json(script, team):
    body = {"team": team.slug, "name": "Weather & halls", "language": "en", "licence": "CC0-1.0", "prompts": PROMPTS}
    made = script.post("prompt-sets", body=body)
    assert made.status_code == 201 and made["Location"].endswith("/prompt-sets/weather-halls")
    rows = PromptSet.objects.get(slug="weather-halls").prompts.values_list("text", "kind", "split", "tags")
    assert list(rows) == [
        ("rain on a tin roof", "open", "test", []),
        ("a slow piano in a large hall", "expert", "test", ["music"]),
    ]
    assert script.client.get(made["Location"]).json()["prompts"] == 2
    again = script.post("prompt-sets", body=body)
    assert again.json()["slug"] == "weather-halls-2"


def test_a_faulty_prompt_is_named_and_nothing_is_made(script, team):
    bad = [*PROMPTS, {"text": "rain on a tin roof"}, {"text": "x" * 6000}]
    told = fields(script.post("prompt-sets", body={"team": team.slug, "name": "Bad", "prompts": bad}))
    assert set(told) == {"prompts.2.text", "prompts.3.text"} or set(told) == {"prompts.2", "prompts.3"}
    assert not PromptSet.objects.exists()
    kind = fields(script.post("prompt-sets", body={"name": "No", "prompts": [{"text": "a", "kind": "odd"}]}))
    assert set(kind) == {"team", "prompts.0.kind"}


def test_a_study_is_made_launched_and_followed_to_its_end(script, team, prompts):
    made = script.post("studies", body=wanted(team, prompts, name="By script", slug="by-script"))
    assert made.status_code == 201 and made.json()["status"] == "draft" and made.json()["name"] == "By script"
    launched = script.post("launch", "by-script").json()
    assert launched["status"] == "running", launched
    study = drive(Study.objects.get(slug="by-script"))
    assert study.status == Study.Status.COMPLETE
    told = script.get("progress", "by-script").json()
    assert told["status"] == "complete" and all(step["done"] == step["total"] for step in told["steps"])
    assert [event.by.username for event in study.events.exclude(by=None)] == ["owner", "owner"]


def test_a_study_is_made_from_a_recipe_of_one_s_own(script, team, prompts):
    recipe = recipes.load("sandbox").model_dump(mode="json") | {"name": "Mine", "seed": 7}
    assert script.post("studies", body=wanted(team, prompts, recipe=recipe)).status_code == 201
    assert Study.objects.get().seed == 7
    recipe["arms"][1]["rewriter"] = "nobody"
    told = fields(script.post("studies", body=wanted(team, prompts, recipe=recipe)))
    assert "nobody" in " ".join(told.values())


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"recipe": "../../../etc/passwd"}, "recipe", "No such recipe: send"),
        ({"team": "others"}, "team", "Not a team whose owner or editor you are"),
        ({"prompt_set": "none"}, "prompt_set", "no prompt set of this slug"),
        ({"slug": "with space"}, "slug", "valid"),
    ],
)
def test_what_cannot_be_taken_is_named(script, team, prompts, change, field, said):
    told = fields(script.post("studies", body=wanted(team, prompts) | change))
    assert said in told[field] and not Study.objects.exists()


def test_pause_resume_retry_cancel_and_what_forbids_them(script, team, prompts):
    script.post("studies", body=wanted(team, prompts, slug="s"))
    assert script.post("pause", "s").status_code == 409
    script.post("launch", "s")
    assert script.post("launch", "s").status_code == 409
    assert script.post("pause", "s").json()["status"] == "paused"
    Rewrite.objects.filter(pk=Rewrite.objects.earliest("pk").pk).update(state="failed", error="Out of memory")
    assert script.post("retry", "s", body={"kind": "rewrites"}).status_code == 400
    retried = script.post("retry", "s", body={"kind": "rewrite", "error": "Out of memory"})
    assert retried.json()["status"] == "running" and not Rewrite.objects.filter(state="failed").exists()
    script.post("pause", "s")
    assert script.post("resume", "s").json()["status"] == "running"
    assert script.post("cancel", "s").json()["status"] == "cancelled"
    conflict = script.post("resume", "s")
    assert conflict.status_code == 409 and "Cancelled" in conflict.json()["detail"]


def test_what_is_sent_twice_is_done_once(script, team, prompts):
    key = {"Idempotency-Key": "one"}
    first = script.post("studies", body=wanted(team, prompts), **key)
    again = script.post("studies", body=wanted(team, prompts), **key)
    assert first.json() == again.json() and again.status_code == 201 and again["Idempotency-Replayed"] == "true"
    assert again["Location"] == first["Location"] and Study.objects.count() == 1
    other = script.post("studies", body=wanted(team, prompts, name="Other"), **key)
    assert other.status_code == 422 and "another request" in fields(other)["Idempotency-Key"]
    script.post("studies", body=wanted(team, prompts), **{"Idempotency-Key": "two"})
    assert Study.objects.count() == 2


def test_what_was_refused_may_be_sent_again_with_its_key(script, team, prompts):
    key = {"Idempotency-Key": "one"}
    assert script.post("studies", body=wanted(team, "none"), **key).status_code == 400
    assert script.post("studies", body=wanted(team, prompts), **key).status_code == 201


def test_keys_of_others_and_of_yesterday_are_free(script, team, prompts, owner):
    script.post("studies", body=wanted(team, prompts), **{"Idempotency-Key": "one"})
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(days=2))
    script.post("studies", body=wanted(team, prompts), **{"Idempotency-Key": "one"})
    colleague = factories.user("colleague")
    Membership.objects.create(team=team, user=colleague, role=Membership.Role.EDITOR)
    Script(colleague).post("studies", body=wanted(team, prompts), **{"Idempotency-Key": "one"})
    assert Study.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_that_come_at_once_one_is_done(team, owner):
    script = Script(owner)
    body = {"team": team.slug, "name": "Sounds", "prompts": [{"text": f"sound {n}"} for n in range(400)]}
    answers: list[int] = []

    def send() -> None:
        client = Client(headers={"Authorization": script.client.defaults["HTTP_AUTHORIZATION"]})
        told = {"data": json.dumps(body), "content_type": "application/json", "headers": {"Idempotency-Key": "k"}}
        answers.append(client.post(reverse("api:prompt-sets"), **told).status_code)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert PromptSet.objects.count() == 1 and set(answers) <= {201, 409} and 201 in answers


NEEDS = {"read": ("votes", "get"), "export": ("export", "get"), "write": ("cancel", "post")}


@pytest.mark.parametrize("scope", ALL)
def test_a_token_does_what_it_was_made_for_and_nothing_else(study, owner, scope):
    script = Script(owner, scopes=[scope])
    for needed, (name, method) in NEEDS.items():
        answer = getattr(script, method)(name, study.slug)
        if needed == scope:
            assert answer.status_code in (200, 409)
        else:
            assert answer.status_code == 403 and f"not the scope `{needed}`" in answer.json()["detail"]


def test_a_token_for_some_studies_sees_no_other_and_makes_none(study, owner):
    other = factories.study(study.team)
    script = Script(owner, studies=[study.slug])
    assert [row["slug"] for row in script.get("studies").json()["results"]] == [study.slug]
    assert script.get("study", other.slug).status_code == 404 and script.get("export", other.slug).status_code == 404
    assert script.post("launch", other.slug).status_code == 404
    assert [row["slug"] for row in script.get("prompt-sets").json()["results"]] == [study.prompt_set.slug]
    made = script.post("studies", body=wanted(study.team, study.prompt_set.slug))
    assert made.status_code == 403 and "some studies alone" in made.json()["detail"]
    body = {"team": study.team.slug, "name": "New", "prompts": PROMPTS}
    assert script.post("prompt-sets", body=body).status_code == 403


def test_a_viewer_reads_and_does_nothing(study, viewer):
    script = Script(viewer)
    assert script.get("study", study.slug).status_code == 200
    answer = script.post("cancel", study.slug)
    assert answer.status_code == 403 and "owner or editor" in answer.json()["detail"]


def test_a_token_has_a_rate_and_is_told_when_to_come_back(study, owner, settings):
    settings.API_REQUESTS_A_MINUTE = 5
    script, other = Script(owner), Script(owner)
    answers = [script.get("study", study.slug) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 12 and answers[-1].json()["status"] == 429
    assert other.get("study", study.slug).status_code == 200
    ApiToken.objects.filter(pk=script.token.pk).update(busy_until=timezone.now() + timedelta(seconds=47))
    assert script.get("study", study.slug).status_code == 200


def test_progress_is_followed_as_events(script, team, prompts):
    script.post("studies", body=wanted(team, prompts, slug="s"))
    script.post("launch", "s")
    drive(Study.objects.get(slug="s"))
    where = reverse("api:events", args=["s"])
    response = script.client.get(where, headers={"Accept": "text/event-stream"})
    unknown = script.client.get(where.replace("/s/", "/t/"), headers={"Accept": "text/event-stream"})
    assert unknown.status_code == 404 and unknown["Content-Type"] == "application/problem+json"
    assert response["Content-Type"] == "text/event-stream"
    events = [block.split("\n") for block in response.getvalue().decode().strip().split("\n\n")]
    assert events[0] == ["retry: 2000"]
    assert [event[0] for event in events[1:]] == ["event: progress", "event: end"]
    assert json.loads(events[1][1].removeprefix("data: ")) == script.get("progress", "s").json()


def test_events_tell_what_changed_and_end_before_they_hold_a_thread_for_long(monkeypatch):
    from results.api import stream

    monkeypatch.setattr(stream, "EVERY", 0.01)
    states = iter([{"status": "running", "done": n // 2} for n in range(6)] + [{"status": "complete", "done": 3}] * 2)
    body = b"".join(stream.events(lambda: next(states), lambda state: state["status"] == "complete").streaming_content)
    told = [json.loads(line[6:]) for line in body.decode().splitlines() if line.startswith("data: ")]
    assert [each.get("done") for each in told] == [0, 1, 2, 3, None]
    steady = stream.events(lambda: {"status": "running"}, lambda state: False, seconds=0.05)
    assert b"".join(steady.streaming_content).decode().count("event: ") == 1


def test_a_body_that_is_no_json_is_refused(script):
    where = reverse("api:studies")
    assert script.client.post(where, "{", content_type="application/json").status_code == 400
    assert script.client.post(where, "a=1", content_type="application/x-www-form-urlencoded").status_code == 415
    told = fields(script.client.post(where, "[]", content_type="application/json"))
    assert told
