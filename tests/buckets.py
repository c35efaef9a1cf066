"""A server that speaks S3's protocol over HTTP, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import boto3
import environ
from botocore.exceptions import BotoCoreError

from config import audio
from studies.bucket import CLIENT
from tests.servers import free

PATIENCE = 120  # seconds: a shared machine may be slow
KEYS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "secret"}


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Its address."""
    port = free()
    with (folder / "s3.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=log,
            stderr=log,
            env={**os.environ, **KEYS},
        )
        try:
            _wait(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


class Own:
    """A bucket of one test's own, and the settings that lead to it, here and in processes that are started."""

    def __init__(self, endpoint: str, settings, monkeypatch) -> None:
        self.name, self._client, self._settings = uuid.uuid4().hex, client(endpoint), settings
        self._client.create_bucket(Bucket=self.name)
        self.environment = {"AUDIO_S3_BUCKET": self.name, "AUDIO_S3_ENDPOINT": endpoint, "AUDIO_S3_PREFIX": "studies"}
        self.environment |= {"AUDIO_S3_REGION": "us-east-1", **KEYS}
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        self.new_files("database")

    def new_files(self, where: str) -> None:
        self.environment["AUDIO_STORAGE"] = where
        env = environ.Env()
        env.ENVIRON = self.environment
        self._settings.STORAGES = {**self._settings.STORAGES, "default": audio.storage(env)}

    def objects(self) -> dict[str, bytes]:
        """All there are, by key, as any other client of the server sees them."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
        return {key: self._client.get_object(Bucket=self.name, Key=key)["Body"].read() for key in keys}

    def put(self, key: str, content: bytes) -> None:
        self._client.put_object(Bucket=self.name, Key=key, Body=content)

    def close(self) -> None:
        self._client.close()

    def delete(self, key: str) -> None:
        self._client.delete_object(Bucket=self.name, Key=key)


def client(endpoint: str):
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        config=CLIENT,
    )


def _wait(endpoint: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None, "the S3 server ended"
        try:
            with closing(client(endpoint)) as asked:
                asked.list_buckets()
            return
        except BotoCoreError:
            assert time.monotonic() < deadline, "the S3 server does not answer"
            time.sleep(0.2)
