"""Audio in PostgreSQL and in S3-compatible storage: written where the settings say, found wherever it is."""

from __future__ import annotations

import hashlib

import environ
import pytest
from botocore.exceptions import ClientError
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from config import audio
from studies.models import StoredFile
from studies.storage import AudioStorage, files

pytestmark = pytest.mark.django_db
SOUND = bytes(range(256)) * 40
NAME = f"clips/{hashlib.sha256(SOUND).hexdigest()}.flac"


@pytest.fixture(params=["database", "s3"])
def place(request, s3) -> str:
    s3.new_files(request.param)
    return request.param


def test_what_is_saved_is_read_whole_and_in_parts(place, s3):
    assert default_storage.save(NAME, ContentFile(SOUND)) == NAME
    with default_storage.open(NAME) as file:
        assert file.read() == SOUND
    assert files().read_range(NAME, 100, 50) == SOUND[100:150]
    assert files().read_range(NAME, len(SOUND) - 1, 1) == SOUND[-1:]
    assert files().read_range(NAME, 5, 0) == b""
    assert files().size(NAME) == len(SOUND) and files().exists(NAME)
    assert files().sizes([NAME, "clips/none"]) == {NAME: len(SOUND)}
    row = StoredFile.objects.get(name=NAME)
    assert (row.content is None, row.elsewhere) == (place == "s3", place == "s3")
    assert s3.objects() == ({f"studies/{NAME}": SOUND} if place == "s3" else {})


def test_what_is_saved_again_is_one_file_and_stays_where_it_is(place, s3):
    default_storage.save(NAME, ContentFile(SOUND))
    s3.new_files("s3" if place == "database" else "database")
    default_storage.save(NAME, ContentFile(SOUND))
    assert StoredFile.objects.count() == 1
    assert len(s3.objects()) == (place == "s3")
    assert files().read_range(NAME, 0, len(SOUND)) == SOUND


def test_what_is_deleted_is_nowhere(place, s3):
    default_storage.save(NAME, ContentFile(SOUND))
    default_storage.delete(NAME)
    default_storage.delete(NAME)
    assert not s3.objects() and not StoredFile.objects.exists()
    for ask in (lambda: files().open(NAME), lambda: files().size(NAME), lambda: files().read_range(NAME, 0, 1)):
        with pytest.raises(FileNotFoundError):
            ask()


def test_a_file_that_is_nowhere_cannot_have_a_row(db):
    with pytest.raises(IntegrityError, match="stored_file_is_somewhere"), transaction.atomic():
        StoredFile.objects.create(name="clips/x", size=3, sha256="x")


@pytest.mark.django_db(transaction=True)  # it looks again with a connection of its own
def test_an_object_that_somebody_else_took_away_is_an_error_and_no_silence(s3):
    s3.new_files("s3")
    default_storage.save(NAME, ContentFile(SOUND))
    s3.delete(f"studies/{NAME}")
    with pytest.raises(FileNotFoundError, match="neither in the database nor in the bucket"):
        files().read_range(NAME, 0, 10)


def test_a_bucket_that_refuses_is_an_error_of_its_own(s3, monkeypatch):
    s3.new_files("s3")
    default_storage.save(NAME, ContentFile(SOUND))
    StoredFile.objects.filter(name=NAME).update(name="clips/other")
    monkeypatch.setitem(s3.environment, "AUDIO_S3_BUCKET", "no-such-bucket")
    s3.new_files("s3")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        files().open("clips/other")


def test_a_process_that_was_told_of_no_bucket_says_what_it_lacks():
    StoredFile.objects.create(name="clips/x", size=3, sha256="x", elsewhere=True)
    with pytest.raises(ImproperlyConfigured, match="AUDIO_S3_BUCKET"):
        AudioStorage().open("clips/x")


def told(**environment: str) -> dict:
    env = environ.Env()
    env.ENVIRON = environment
    return audio.storage(env)


def test_settings_that_make_no_sense_are_refused_before_anything_starts(monkeypatch):
    with pytest.raises(ImproperlyConfigured, match="database or s3"):
        told(AUDIO_STORAGE="swift")
    with pytest.raises(ImproperlyConfigured, match="AUDIO_S3_BUCKET"):
        told(AUDIO_STORAGE="s3")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match=r"pip install -r requirements/s3\.txt"):
        told(AUDIO_S3_BUCKET="sounds")
    assert told()["OPTIONS"] == {"new_files": "database", "s3": None}  # which needs nothing
