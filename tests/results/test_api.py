"""What scripts get: results, every row as JSON lines, clips, a schema, and errors that say what to do."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import yaml
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken
from listening.actions.open_trials import open_trials
from listening.models import Vote
from listening.simulation import simulate
from results.api import urls
from results.summary import results_of
from studies.models import Candidate, Clip, EngineSpec, Score
from studies.models.work import identity_of
from tests import factories


def exported(client: Client, study) -> list[dict]:
    response = client.get(reverse("api:export", args=[study.slug]))
    assert response["Content-Type"] == "application/x-ndjson"
    return [json.loads(line) for line in b"".join(response.streaming_content).decode().splitlines()]


def of(kind: str, records: list[dict]) -> list[dict]:
    return [record for record in records if record["type"] == kind]


def test_results_are_what_the_page_and_the_terminal_show(study, reader):
    assert reader.get(reverse("api:results", args=[study.slug])).json() == results_of(study)


def test_the_list_says_where_results_and_export_are(study, reader):
    row = reader.get(reverse("api:studies")).json()["results"][0]

    assert row["results"].endswith(f"/api/v1/studies/{study.slug}/results")
    assert reader.get(row["results"]).status_code == 200


def test_the_export_holds_every_row_under_a_header_and_above_a_count(study, reader):
    open_trials(study=study)
    simulate(study=study, raters=2, seed=1)

    records = exported(reader, study)

    assert records[0]["type"] == "study"
    assert records[0]["schema"] == "audionese-export/3"
    assert records[0]["engines"]["generator"]["engine"] == "sandbox-synthesiser"
    assert records[-1] == {"type": "end", "records": len(records) - 1}
    assert len(of("prompt", records)) == study.prompt_set.prompts.count()
    assert [row["key"] for row in of("arm", records)] == ["original", "instruct", "instruct_feedback", "best_of_n"]
    assert len(of("rewrite", records)) == Candidate.objects.count() == 16
    assert len(of("clip", records)) == Clip.objects.count() == 16
    assert len(of("score", records)) == Score.objects.count()
    assert len(of("vote", records)) == Vote.objects.count() > 0


def test_the_export_says_what_each_engine_is_and_how_it_may_be_used(study, reader):
    told = {"licence": "CC-BY-NC-4.0", "revision": "main", "commit": "0123abcd"}
    EngineSpec.objects.update(**told)

    records = exported(reader, study)

    engines = [*records[0]["engines"].values(), *records[0]["rewriters"]]
    assert len(engines) == 5
    assert all(told.items() <= engine.items() for engine in engines)


def test_candidates_name_their_clips_in_the_order_of_takes(owner, reader):
    team = factories.team(owner)
    study = factories.study(team, prompt_set=factories.prompt_set(team, test=1))
    records = exported(reader, factories.complete(study, takes=2))
    seeds = {row["id"]: row["seed"] for row in of("clip", records)}

    assert of("rewrite", records)
    for row in of("rewrite", records):
        assert [seeds[clip] for clip in row["clips"]] == [0, 1]


def test_audio_addresses_of_the_export_can_be_fetched_with_the_same_token(study, viewer):
    headers = {"authorization": f"Bearer {ApiToken.issue(viewer, 'script')[1]}"}
    body = b"".join(Client().get(reverse("api:export", args=[study.slug]), headers=headers).streaming_content)
    clip = next(row for row in map(json.loads, body.splitlines()) if row["type"] == "clip")

    response = Client().get(clip["audio"], headers=headers)

    assert response.status_code == 200
    assert response.content[:4] == b"fLaC"


def test_raters_are_pseudonyms_that_differ_between_studies(study, owner, reader):
    twin = factories.complete(factories.study(study.team))
    for each in (study, twin):
        open_trials(study=each)
        simulate(study=each, raters=1, seed=7)

    found = [{row["rater"] for row in of("vote", exported(reader, each))} for each in (study, twin)]

    assert [len(names) for names in found] == [1, 1]
    assert found[0] != found[1]
    text = json.dumps(exported(reader, study))
    assert "external_id" not in text


def test_what_other_studies_scored_of_a_shared_clip_stays_out(study, reader):
    clip = Clip.objects.first()
    Score.objects.create(
        identity=identity_of(secret=1),
        clip=clip,
        scorer=study.evaluation_scorer,
        reference="the secret prompt of another team",
        state="done",
        value=0.5,
    )

    assert "secret prompt" not in json.dumps(exported(reader, study))


def test_the_export_takes_the_same_number_of_queries_whatever_the_size(owner, reader, django_assert_max_num_queries):
    small, large = (
        factories.complete(factories.study(owner.teams.first() or factories.team(owner), prompt_set=prompts))
        for prompts in (factories.prompt_set(test=1), factories.prompt_set(test=4))
    )
    for each in (small, large):
        with django_assert_max_num_queries(24):
            exported(reader, each)


def test_a_study_still_running_is_exported_as_far_as_it_is(owner, reader):
    draft = factories.study(factories.team(owner))

    records = exported(reader, draft)

    assert [row["type"] for row in records if row["type"] not in ("prompt", "arm")] == ["study", "end"]


def test_every_byte_range_of_a_clip_is_the_same_bytes(study, reader):
    clip = Clip.objects.filter(renderings__candidate__arm__study=study).first()
    there = reverse("results:clip", args=[study.slug, clip.pk])
    whole = reader.get(there)

    part = reader.get(there, headers={"range": "bytes=10-19"})
    tail = reader.get(there, headers={"range": "bytes=-5"})
    beyond = reader.get(there, headers={"range": f"bytes={len(whole.content)}-"})

    assert whole.headers["Accept-Ranges"] == "bytes"
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole.content)}"
    assert tail.content == whole.content[-5:]
    assert beyond.status_code == 416
    assert reader.head(there).headers["Content-Length"] == str(len(whole.content))


@pytest.mark.parametrize(
    ("headers", "status", "said"),
    [
        ({}, 401, "Bearer KEY"),
        ({"authorization": "Bearer wrong"}, 401, "Unknown token"),
    ],
)
def test_problems_say_what_to_do(study, headers, status, said):
    response = Client().get(reverse("api:results", args=[study.slug]), headers=headers)

    body = json.loads(response.content)
    assert (response.status_code, body["status"]) == (status, status)
    assert said in body["detail"]
    assert set(body) == {"type", "title", "status", "detail"}


def test_an_expired_token_is_named_as_such(study, owner):
    _, key = ApiToken.issue(owner, "old one", expires_at=timezone.now() - timedelta(days=1))

    response = Client().get(reverse("api:results", args=[study.slug]), headers={"authorization": f"Bearer {key}"})

    assert response.status_code == 401
    assert "old one" in json.loads(response.content)["detail"]


def test_an_error_is_a_problem_whatever_the_script_accepts(study, reader):
    for accepted in ("application/json", "application/x-ndjson", "*/*"):
        response = reader.get(reverse("api:export", args=["none"]), headers={"accept": accepted})
        assert response.status_code == 404
        assert json.loads(response.content)["title"] == "Not Found"


def test_the_page_of_the_api_asks_no_other_host(reader):
    shown = reader.get(reverse("api:docs")).content.decode()
    loaded = re.findall(r'(?:src|href)="([^"]+)"', shown)
    assert len(loaded) >= 3 and all(re.match(r"/(?!/)", address) for address in loaded)


def test_the_schema_describes_every_address_without_a_warning(client, db):
    response = client.get(reverse("api:schema"))

    schema = yaml.safe_load(response.content)
    addresses = {pattern.name for pattern in urls.urlpatterns} - {"schema", "docs", "nowhere"}
    assert len(schema["paths"]) == len(addresses)
    assert schema["openapi"].startswith("3.1")
    assert "clap_interval" in schema["components"]["schemas"]["ArmResult"]["properties"]
    assert schema["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}


def test_results_have_just_the_keys_that_the_schema_names(client, study):
    schema = yaml.safe_load(client.get(reverse("api:schema")).content)["components"]["schemas"]
    results = results_of(study)

    assert set(results) == set(schema["Results"]["properties"])
    assert set(results["arms"][0]) == set(schema["ArmResult"]["properties"])
    assert set(results["contrasts"][0]) == set(schema["Contrast"]["properties"])
