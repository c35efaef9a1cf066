"""Where audio and weights are kept, from the environment: in PostgreSQL, or in S3-compatible storage."""

from __future__ import annotations

import importlib.util
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

PLACES = ("database", "s3")
OPTIONS = {"bucket_name": "BUCKET", "endpoint_url": "ENDPOINT", "region_name": "REGION", "location": "PREFIX"}


def storage(env: environ.Env) -> dict[str, Any]:
    """An entry of STORAGES. Keys and secrets are boto3's own affair: AWS_ACCESS_KEY_ID, a file, a role.

    Raises ImproperlyConfigured where the environment does not make sense, so that no process starts that would fail
    at the first sound.
    """
    new_files = env.str("AUDIO_STORAGE", "database")
    s3 = {option: value for option, name in OPTIONS.items() if (value := env.str(f"AUDIO_S3_{name}", ""))}
    if new_files not in PLACES:
        raise ImproperlyConfigured(f"AUDIO_STORAGE is {new_files!r}: it says database or s3.")
    if new_files == "s3" and "bucket_name" not in s3:
        raise ImproperlyConfigured("AUDIO_STORAGE=s3 needs AUDIO_S3_BUCKET, the name of the bucket.")
    if "bucket_name" not in s3:
        return _entry(new_files, None)
    if not importlib.util.find_spec("storages") or not importlib.util.find_spec("boto3"):
        raise ImproperlyConfigured(
            "AUDIO_S3_BUCKET is set, but django-storages is not installed: pip install -r requirements/s3.txt"
        )
    return _entry(new_files, s3)


def _entry(new_files: str, s3: dict[str, str] | None) -> dict[str, Any]:
    return {"BACKEND": "studies.storage.AudioStorage", "OPTIONS": {"new_files": new_files, "s3": s3}}
