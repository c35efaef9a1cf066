"""The Python client against a real server."""

from __future__ import annotations

import threading
import zipfile

import httpx
import pytest
from audionese_client import ApiError, Client, StudyStoppedError, downloads, http
from django.db import connection

from accounts.models import ApiToken, IdempotencyKey
from listening.models import Vote
from prompts.models import PromptSet
from results.summary import results_of
from studies.models import Rewrite, Score, Study
from tests import factories
from tests.results.test_api_writing import PIANO
from tests.studies.driver import drive


def test_a_study_is_an_object(client, voted):
    study = client.study(voted.slug)
    assert (study.slug, study.status, study.name) == (voted.slug, "complete", voted.name)
    assert [each.slug for each in client.studies(status="complete")] == [voted.slug]
    assert study.results() == results_of(Study.objects.get(pk=voted.pk))
    assert str(study.progress()).startswith("complete") and study.progress().votes == 0
    assert voted.name in study._repr_html_() and repr(study) == f"Study({voted.slug!r}, complete)"
    with pytest.raises(AttributeError, match="it has slug, name"):
        _ = study.colour


def test_votes_are_a_data_frame(client, voted):
    frame = client.study(voted.slug).votes().to_pandas()
    assert len(frame) == Vote.objects.count() > 0
    assert str(frame["created_at"].dt.tz) == "UTC" and frame["counts"].dtype == bool
    won = frame[frame["counts"]]["winner"].value_counts()
    assert won["instruct"] == Vote.objects.filter(winner__key="instruct", presentation__trial__kind="study").count()


def test_records_are_filtered_by_the_server_and_come_page_by_page(client, voted, monkeypatch):
    monkeypatch.setattr("audionese_client.records.PAGE", 3)
    study = client.study(voted.slug)
    assert [row["arm"] for row in study.rewrites(arm="instruct")] == ["instruct"] * 4
    assert len(list(study.scores())) == Score.objects.count()
    frame = study.votes(counts=True, ordering="-created_at").to_pandas()
    assert frame["counts"].all() and frame["created_at"].is_monotonic_decreasing
    assert repr(study.rewrites(arm="instruct")) == "Records('rewrites', arm='instruct')"


def test_figures_tables_and_clips_come_as_they_are(client, voted):
    study = client.study(voted.slug)
    assert {each["name"] for each in study.figures()} >= {"alignment", "gains"}
    assert study.figure("alignment").startswith(b"<svg") and study.figure("alignment", "png")[1:4] == b"PNG"
    assert "\\toprule" in study.table("arms", "tex") and study.tables()
    clip = next(iter(study.clips(state="done")))
    assert study.clip(clip["id"]).startswith(b"fLaC")


def test_a_study_from_nothing_to_its_end(client, team):
    texts = [{"text": f"sound number {n}"} for n in range(6)] + [PIANO]
    prompts = client.create_prompt_set(team=team.slug, name="Sounds", prompts=[*texts, "far thunder"])
    assert client.prompt_set(prompts["slug"])["prompts"] == 8 and next(client.prompt_sets())["name"] == "Sounds"
    recipe = {
        "name": "Two arms",
        "engines": {
            "t5": {"kind": "rewriter", "engine": "transformers-seq2seq", "checkpoint": "sandbox:rewriter-t5"},
            "synth": {"kind": "generator", "engine": "sandbox-synthesiser"},
            "judge": {"kind": "scorer", "engine": "transformers-clap", "checkpoint": "sandbox:clap-judge"},
            "teacher": {"kind": "scorer", "engine": "transformers-clap", "checkpoint": "sandbox:clap-teacher"},
        },
        "generator": "synth",
        "feedback_scorer": "teacher",
        "evaluation_scorer": "judge",
        "arms": [
            {"key": "original", "method": "original"},
            {"key": "instruct", "method": "instruct", "rewriter": "t5"},
        ],
    }
    study = client.create_study(team=team.slug, prompt_set=prompts["slug"], recipe=recipe, slug="new").launch()
    assert study.status == "running" and study.pause().status == "paused"
    with pytest.raises(StudyStoppedError, match=r"new is paused\. Paused by owner"):
        study.wait(timeout=20)
    with pytest.raises(TimeoutError, match="goes on by itself"):
        study.resume().wait(timeout=1)
    seen = []
    worker = threading.Thread(target=lambda: (drive(Study.objects.get(slug="new")), connection.close()))
    worker.start()
    assert study.wait(timeout=600, on_progress=seen.append).status == "complete"
    worker.join()
    assert seen[-1].status == "complete" and all(step["done"] == step["total"] for step in seen[-1].steps)
    with pytest.raises(ApiError, match="409"):
        study.cancel()


def test_what_is_refused_names_the_field(client, team):
    with pytest.raises(ApiError) as told:
        client.create_prompt_set(team=team.slug, name="Twice", prompts=["a bell", "a bell"])
    assert told.value.status == 400 and any(name.startswith("prompts.1") for name in told.value.fields)
    with pytest.raises(ApiError, match="404: No such thing"):
        client.study("none")
    with pytest.raises(ValueError, match="AUDIONESE_URL"):
        Client()


def test_a_write_whose_answer_was_lost_is_done_once(client, team, monkeypatch):
    """The server has done it; the client sends it again, under the same key."""
    monkeypatch.setattr(http.time, "sleep", lambda seconds: None)
    sent, send = [], client._http.request

    def lossy(method, path, **request):
        response = send(method, path, **request)
        sent.append(request["headers"]["Idempotency-Key"])
        if len(sent) == 1:
            raise httpx.ReadError("gone")
        return response

    monkeypatch.setattr(client._http, "request", lossy)
    made = client.create_prompt_set(team=team.slug, name="Once", prompts=["a bell"])
    assert len(sent) == 2 and len(set(sent)) == 1
    assert PromptSet.objects.count() == IdempotencyKey.objects.count() == 1 and made["prompts"] == 1


def test_it_waits_where_it_has_asked_too_much(client, voted, settings, monkeypatch):
    waits = []

    def wait(seconds):
        waits.append(seconds)
        ApiToken.objects.update(busy_until=voted.launched_at)

    monkeypatch.setattr(http.time, "sleep", wait)
    settings.API_REQUESTS_A_MINUTE = 2
    for _ in range(4):
        client.study(voted.slug)
    assert waits and all(1 <= seconds <= 30 for seconds in waits)


def test_it_comes_back_to_files_as_often_as_it_is_told(client, voted, settings, monkeypatch, tmp_path):
    """Longer than a server that is away would be waited for."""
    waits = []

    def wait(seconds):
        waits.append(seconds)
        settings.EXPORTS_AT_ONCE = len(waits) // 8

    monkeypatch.setattr(http.time, "sleep", wait)
    settings.EXPORTS_AT_ONCE = 0
    assert len(client.study(voted.slug).votes().to_pandas()) == Vote.objects.count()
    assert waits == [5.0] * 8
    settings.EXPORTS_AT_ONCE = 0
    waits.clear()
    assert client.study(voted.slug).download("votes.csv", tmp_path / "votes.csv").read_text().startswith("id,")
    assert waits == [5.0] * 8
    settings.EXPORTS_AT_ONCE = 0
    monkeypatch.setattr(http, "PATIENCE", -1.0)
    with pytest.raises(ApiError, match="503: As many whole files"):
        client.study(voted.slug).votes().to_pandas()


@pytest.mark.parametrize("name", ["bundle.zip", "votes.parquet", "audio.tar"])
def test_a_download_goes_on_where_it_was_cut_off(client, voted, tmp_path, monkeypatch, name):
    study = client.study(voted.slug)
    whole = study.download(name, tmp_path / "whole").read_bytes()
    monkeypatch.setattr(downloads.time, "sleep", lambda seconds: None)
    asked, stream = [], client._http.stream

    def cut(method, path, headers, **more):
        asked.append(headers)
        return Cut(stream(method, path, headers=headers, **more), len(asked) == 1)

    monkeypatch.setattr(client._http, "stream", cut)
    told = []
    again = study.download(name, tmp_path / "again", on_bytes=told.append)
    assert again.read_bytes() == whole and told[-1] == len(whole) == max(told)
    assert asked[0] == {} and asked[1]["Range"] == f"bytes={told[0]}-" and 0 < told[0] < len(whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "whole"]
    if name.endswith("zip"):
        assert zipfile.ZipFile(again).testzip() is None


class Cut:
    """A response whose connection breaks after its first bytes."""

    def __init__(self, inner, breaks: bool) -> None:
        self.inner, self.breaks = inner, breaks

    def __enter__(self):
        self.response = self.inner.__enter__()
        return self

    def __exit__(self, *error):
        return self.inner.__exit__(*error)

    def __getattr__(self, name):
        return getattr(self.response, name)

    def iter_bytes(self):
        for block in self.response.iter_bytes():
            if self.breaks:
                yield block[: max(1, len(block) // 3)]
                raise httpx.ReadError("cut off")
            yield block


def test_a_study_that_failed_is_tried_again(client, team):
    made = factories.study(team)
    study = client.study(made.slug).launch()
    Rewrite.objects.filter(pk=Rewrite.objects.filter(state="waiting").earliest("pk").pk).update(
        state="failed", error="Out of memory"
    )
    assert study.retry(kind="rewrite").status == "running"
    assert not Rewrite.objects.filter(state="failed").exists()
