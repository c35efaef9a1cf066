"""What leaves as files is read back by the tools that it is made for."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile
import webdataset
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from listening.models import Session, Vote
from results.exports.writing import FORMS, TYPES, comma_separated, parquet
from results.records import RECORDS, Field, Records
from studies.models import Candidate, Clip, Rewrite, Score
from tests import factories

pytestmark = pytest.mark.usefixtures("free_slots")


def get(client, name: str, *args, **headers):
    response = client.get(reverse(f"api:{name}", args=args), headers=headers)
    assert response.status_code in (200, 206, 304, 416), response.content
    return response


def file_of(client, name: str, *args) -> bytes:
    return get(client, name, *args).getvalue()


def rows_of(client, study, kind: str, form: str) -> list[dict]:
    body = file_of(client, "records-file", study.slug, kind, form)
    if form == "jsonl":
        return [json.loads(line) for line in body.splitlines()]
    if form == "csv":
        return list(csv.DictReader(io.StringIO(body.decode())))
    return pq.read_table(io.BytesIO(body)).to_pylist()


@pytest.mark.parametrize("kind", RECORDS)
def test_every_form_holds_every_record(voted, reader, kind):
    count = RECORDS[kind].rows(voted).count()
    ids = {form: [int(row["id"]) for row in rows_of(reader, voted, kind, form)] for form in FORMS}
    assert ids["jsonl"] == ids["csv"] == ids["parquet"] == sorted(set(ids["jsonl"]))
    assert len(ids["jsonl"]) == count
    assert count or kind in ("clip-embeddings", "text-embeddings")


@pytest.mark.parametrize("kind", [kind for kind in RECORDS if "embeddings" not in kind])
def test_parquet_is_typed_as_the_records_say(voted, reader, kind):
    table = pq.read_table(io.BytesIO(file_of(reader, "records-file", voted.slug, kind, "parquet")))
    assert {field.name: field.type for field in table.schema} == {f.name: TYPES[f.type] for f in RECORDS[kind].fields}
    lines = rows_of(reader, voted, kind, "jsonl")
    for row, line in zip(table.to_pylist(), lines, strict=True):
        for field in RECORDS[kind].fields:
            told = row[field.name]
            if field.type == "json" and told is not None:
                told = json.loads(told)
            assert (told.isoformat() if field.type == "time" and told else told) == line[field.name]


NASTY = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", 'a "quoted", one', "two\nlines", "plain", "", None]
TEXTS = Records("texts", "", (Field("id", "integer"), Field("text", "text")), lambda study: None)


def test_no_spreadsheet_computes_a_text():
    records = [{"id": -at, "text": text} for at, text in enumerate(NASTY)]
    body = b"".join(comma_separated(TEXTS, records)).decode()
    rows = list(csv.DictReader(io.StringIO(body, newline="")))
    assert [row["text"] for row in rows] == ["'" + text for text in NASTY[:6]] + [text or "" for text in NASTY[6:]]
    assert rows[1]["id"] == "-1"  # a number is none


def test_parquet_comes_in_row_groups(monkeypatch):
    monkeypatch.setattr("results.exports.writing.GROUP", 4)
    body = b"".join(parquet(TEXTS, [{"id": at, "text": text} for at, text in enumerate(NASTY)]))
    read = pq.ParquetFile(pa.BufferReader(body))
    assert read.num_row_groups == 3 and read.read().column("text").to_pylist() == NASTY


RANGED = [
    ("records-file", ("votes", "csv")),
    ("records-file", ("scores", "parquet")),
    ("export", ()),
    ("audio-tar", ()),
    ("dataset", ()),
    ("bundle", ()),
    ("preference-pairs", ("simulated",)),
]


@pytest.mark.parametrize(("name", "args"), RANGED)
def test_a_download_that_was_cut_off_goes_on(voted, reader, name, args):
    whole = get(reader, name, voted.slug, *args)
    etag, body = whole["ETag"], whole.getvalue()
    middle = len(body) // 2
    rest = get(reader, name, voted.slug, *args, Range=f"bytes={middle}-", If_Range=etag)
    assert rest.status_code == 206 and rest["Content-Range"] == f"bytes {middle}-{len(body) - 1}/{len(body)}"
    assert body[:middle] + rest.getvalue() == body
    inner = get(reader, name, voted.slug, *args, Range="bytes=3-9")
    assert inner.getvalue() == body[3:10] and inner["Content-Length"] == "7"
    assert get(reader, name, voted.slug, *args, Range="bytes=-5").getvalue() == body[-5:]
    assert get(reader, name, voted.slug, *args, Range=f"bytes={len(body)}-").status_code == 416
    assert get(reader, name, voted.slug, *args, If_None_Match=etag).status_code == 304


def test_what_was_begun_before_votes_changed_does_not_go_on_after_it(voted, reader):
    before = get(reader, "records-file", voted.slug, "votes", "jsonl")
    etag, size = before["ETag"], len(before.getvalue())
    Session.objects.earliest("pk").delete()
    after = get(reader, "records-file", voted.slug, "votes", "jsonl", Range="bytes=10-", If_Range=etag)
    assert after.status_code == 200 and after["ETag"] != etag and len(after.getvalue()) < size


def test_a_study_at_work_has_no_ranges(reader, owner):
    study = factories.study(factories.team(owner))
    response = get(reader, "export", study.slug, Range="bytes=5-")
    assert response.status_code == 200 and response["Accept-Ranges"] == "none" and "ETag" not in response


def test_audio_is_a_webdataset(voted, reader, tmp_path):
    path = tmp_path / "audio.tar"
    path.write_bytes(file_of(reader, "audio-tar", voted.slug))
    with path.open("rb") as file:
        members = webdataset.tariterators.tar_file_expander([{"stream": file, "url": str(path)}])
        samples = list(webdataset.tariterators.group_by_keys(members))
    clips = {clip.pk: clip for clip in Clip.objects.filter(state="done")}
    assert len(samples) == len(clips) == 16
    for sample in samples:
        about, clip = json.loads(sample["json"]), clips[int(sample["__key__"])]
        with clip.audio.open() as stored:
            assert sample["flac"] == stored.read()
        assert (about["text"], about["seed"]) == (clip.text, clip.seed)
        assert {(use["arm"], use["prompt_text"]) for use in about["uses"]} == {
            (one.arm.key, one.prompt.text) for one in Candidate.objects.filter(renderings__clip=clip)
        }
        assert len(about["scores"]) == Score.objects.filter(clip=clip).count()


def test_a_range_of_audio_reads_no_sound_outside_it(voted, reader):
    size = len(file_of(reader, "audio-tar", voted.slug))
    get(reader, "audio-tar", voted.slug, Range="bytes=0-1").getvalue()
    with CaptureQueriesContext(
        connection,
    ) as seen:
        get(reader, "audio-tar", voted.slug, Range=f"bytes={size - 12_000}-").getvalue()
    read = [query for query in seen if "SELECT content FROM studies_storedfile" in query["sql"]]
    assert 0 < len(read) < 16


@pytest.fixture
def folder(voted, reader, tmp_path):
    with zipfile.ZipFile(io.BytesIO(file_of(reader, "dataset", voted.slug))) as archive:
        archive.extractall(tmp_path / "dataset")
    return tmp_path / "dataset"


def opened(folder, *args, **kwargs):
    return datasets.load_dataset(str(folder), *args, cache_dir=str(folder.parent / "cache"), **kwargs)


def test_a_hugging_face_dataset_opens_with_its_audio(folder, voted):
    clips = opened(folder)
    assert set(clips) == {"test"} and len(clips["test"]) == 16
    assert isinstance(clips["test"].features["audio"], datasets.Audio)
    row = clips["test"].cast_column("audio", datasets.Audio(decode=False))[0]
    clip = Clip.objects.get(pk=row["clip"])
    samples, rate = soundfile.read(io.BytesIO(row["audio"]["bytes"]))
    assert (len(samples), rate) == (clip.samples, clip.sample_rate)
    score = Score.objects.get(clip=clip, scorer=voted.evaluation_scorer, reference=row["prompt_text"])
    assert row["evaluation_score"] == score.value and row["rewrite"] == clip.text


def test_its_records_are_configurations(folder):
    names = set(datasets.get_dataset_config_names(str(folder)))
    assert names == {"clips", "prompts", "arms", "rewrites", "scores", "checkpoints", "trials", "sessions", "votes"}
    votes = opened(folder, "votes", split="train")
    assert len(votes) == Vote.objects.count() and votes.features["arms"].feature.dtype == "string"


def test_pairs_of_votes_are_what_trl_trains_on(voted, reader):
    pairs = [json.loads(line) for line in file_of(reader, "preference-pairs", voted.slug, "simulated").splitlines()]
    assert pairs and not file_of(reader, "preference-pairs", voted.slug, "people")
    read = datasets.Dataset.from_list(pairs)
    assert all(read.features[name].dtype == "string" for name in ("prompt", "chosen", "rejected"))
    for pair in pairs:
        assert pair["user_prompt"] in pair["prompt"] and pair["prompt"] != pair["user_prompt"]
        assert pair["chosen"] != pair["rejected"] and pair["votes"][0] > pair["votes"][1]
        wins = Vote.objects.filter(
            presentation__trial__prompt=pair["prompt_id"],
            winner__key=pair["chosen_from"],
            presentation__trial__kind="study",
            presentation__trial__stimuli__arm__key=pair["rejected_from"],
        )
        assert wins.count() == pair["votes"][0]


def test_pairs_of_feedback_are_ranked_by_the_scorer_that_teaches(voted, reader):
    arm = voted.arms.get(key="instruct_feedback")
    prompt = voted.prompt_set.prompts.first()
    for index, (text, value) in enumerate({"a low hum": 0.2, "a bright bell": 0.6, "a bell": 0.4}.items()):
        rewrite = Rewrite.objects.create(
            identity=f"r{index}", rewriter=arm.rewriter, source=prompt.text, text=text, state="done"
        )
        candidate = Candidate.objects.create(arm=arm, prompt=prompt, purpose="train", index=index, rewrite=rewrite)
        clip = factories.finished_clip(voted.generator, text, index)
        candidate.renderings.create(clip=clip, take=0)
        for scorer, told in ((voted.feedback_scorer, value), (voted.evaluation_scorer, 1 - value)):
            Score.objects.create(
                identity=f"s{index}{scorer.pk}",
                clip=clip,
                scorer=scorer,
                reference=prompt.text,
                value=told,
                state="done",
            )
    pairs = [json.loads(line) for line in file_of(reader, "preference-pairs", voted.slug, "feedback").splitlines()]
    assert {(pair["chosen"], pair["rejected"], round(pair["margin"], 6)) for pair in pairs} == {
        ("a bright bell", "a bell", 0.2),
        ("a bright bell", "a low hum", 0.4),
        ("a bell", "a low hum", 0.2),
    }
