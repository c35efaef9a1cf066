"""Downloads, bundles, workers and scorers meet the same bytes, whether audio is in the database or in S3."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from django.core.management import call_command
from django.urls import reverse

from inference import serving
from inference.engines import flac
from inference.engines.protocols import Sound
from results.bundles.archive import Archive
from results.bundles.restoring import restore_audio
from studies.models import Clip, StoredFile, Study
from studies.storage import files

DOWNLOADS = ("audio-tar", "dataset")


@pytest.fixture
def complete(voted, s3) -> Study:
    """In the database, whatever the settings of its downloads' readers."""
    voted.arms.get(key="instruct_feedback").checkpoints.all().delete()
    return voted


def downloaded(reader, study: Study, name: str, query: str = "") -> tuple[str, bytes]:
    answer = reader.get(reverse(f"api:{name}", args=[study.slug]) + query)
    assert answer.status_code == 200, answer.content
    return answer["ETag"], answer.getvalue()


def test_every_download_is_the_same_and_so_is_the_rest_of_one_that_was_cut_off(complete, reader, s3):
    before = {name: downloaded(reader, complete, name) for name in DOWNLOADS}
    call_command("move_audio", "--to", "s3")
    assert not StoredFile.objects.exclude(content=None).exists() and s3.objects()
    for name, (etag, body) in before.items():
        assert downloaded(reader, complete, name) == (etag, body), name
    address, (etag, body) = reverse("api:audio-tar", args=[complete.slug]), before["audio-tar"]
    rest = reader.get(address, headers={"Range": f"bytes={len(body) // 2}-", "If-Range": etag})
    assert (rest.status_code, rest.getvalue()) == (206, body[len(body) // 2 :])


def test_a_bundle_brings_its_audio_to_where_new_files_go(complete, reader, s3, tmp_path):
    contents = {name: bytes(content) for name, content in StoredFile.objects.values_list("name", "content")}
    call_command("move_audio", "--to", "s3")
    (tmp_path / "bundle.zip").write_bytes(downloaded(reader, complete, "bundle", "?audio=true")[1])
    for name in contents:
        files().delete(name)
    assert not s3.objects() and not StoredFile.objects.exists()
    s3.new_files("s3")
    assert restore_audio(Archive(tmp_path / "bundle.zip")) == len(contents) > 0
    assert s3.objects() == {f"studies/{name}": content for name, content in contents.items()}


@pytest.mark.parametrize("place", ["database", "s3"])
def test_what_a_worker_stores_a_scorer_hears(db, s3, place):
    s3.new_files(place)
    sound = Sound(np.linspace(-0.5, 0.5, 8000, dtype=np.float32), 16_000)
    content = flac.encode(sound)
    names = serving._store("clips", {content}, "flac")
    digest = hashlib.sha256(content).hexdigest()
    assert names == {content: f"clips/{digest[:2]}/{digest}.flac"}
    assert serving._store("clips", {content}, "flac") == names and StoredFile.objects.count() == 1
    assert len(s3.objects()) == (place == "s3")
    heard = serving._heard(Clip(audio=names[content]))
    assert np.allclose(heard.samples, sound.samples, atol=1e-4) and heard.sample_rate == 16_000


def test_a_clip_is_the_same_answer_in_both_places(complete, reader, s3):
    clip = Clip.objects.filter(renderings__candidate__arm__study=complete).earliest("pk")
    address = reverse("results:clip", args=[complete.slug, clip.pk])
    answers = []
    for place in ("database", "s3"):
        whole = reader.get(address)
        etag, size = whole["ETag"], len(whole.content)
        asked = [{"Range": "bytes=10-19"}, {"Range": "bytes=-5", "If-Range": etag}, {"Range": f"bytes={size}-"}]
        asked += [{"Range": "bytes=1-", "If-Range": '"another"'}, {"If-None-Match": etag}]
        told = [reader.get(address, headers=headers) for headers in asked]
        for one in (whole, *told):
            one.headers.pop("X-Request-ID")  # of each request, and drawn
        answers.append([(one.status_code, dict(one.headers), one.content) for one in (whole, *told)])
        assert [one.status_code for one in told] == [206, 206, 416, 200, 304]
        if place == "database":
            call_command("move_audio", "--to", "s3")
    assert answers[0] == answers[1]
