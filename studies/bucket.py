"""Objects in S3-compatible storage, by name, through django-storages."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from storages.backends.s3 import S3Storage

GONE = ("NoSuchKey", "404", "NotFound")
# Path-style addresses and no trailing checksums: what every S3-compatible server understands.
CLIENT = Config(
    signature_version="s3v4",
    s3={"addressing_style": "path"},
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "max_attempts": 4},
    max_pool_connections=32,
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class Bucket:
    """Each thread has a connection of its own. Errors other than "not there" are botocore's."""

    def __init__(self, **options: Any) -> None:
        self._s3 = S3Storage(client_config=CLIENT, **options)
        self._prefix = f"{self._s3.location.strip('/')}/".lstrip("/")

    def put(self, name: str, data: bytes) -> None:
        """The server compares what arrived with its MD5, and keeps nothing where they differ."""
        digest = hashlib.md5(data, usedforsecurity=False).digest()
        self._object(name).put(Body=data, ContentMD5=base64.b64encode(digest).decode())

    def get(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """All of it, or `length` bytes from `start`; None where there is none."""
        if length == 0:
            return b"" if self.has(name) else None
        wanted = {} if length is None else {"Range": f"bytes={start}-{start + length - 1}"}
        try:
            return self._object(name).get(**wanted)["Body"].read()
        except ClientError as error:
            _raise_unless_gone(error)
            return None

    def has(self, name: str) -> bool:
        try:
            self._object(name).load()
        except ClientError as error:
            _raise_unless_gone(error)
            return False
        return True

    def delete(self, name: str) -> None:
        """Nothing happens where there is none."""
        self._object(name).delete()

    def names(self) -> Iterator[tuple[str, datetime]]:
        """All there are under the prefix, in their order, with the time each was put."""
        for found in self._s3.bucket.objects.filter(Prefix=self._prefix):
            yield found.key.removeprefix(self._prefix), found.last_modified

    def _object(self, name: str) -> Any:
        return self._s3.bucket.Object(self._prefix + name)


def _raise_unless_gone(error: ClientError) -> None:
    if error.response["Error"]["Code"] not in GONE:
        raise error
