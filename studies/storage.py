"""Django storage of audio and weights: in PostgreSQL, in S3-compatible storage, or in both while they move."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import connection, transaction
from django.utils import timezone
from django.utils.deconstruct import deconstructible

from studies.models.stored_file import StoredFile

if TYPE_CHECKING:
    from studies.bucket import Bucket

LOOKS = 5  # a file that is moved there and back while it is looked for is found all the same


def files() -> AudioStorage:
    """Where audio and weights are."""
    return cast(AudioStorage, storages["default"])


@deconstructible
class AudioStorage(Storage):
    """Names are given by content (their hash), so writing one again is a no-op, not a second file.

    new_files says where they go, "database" or "s3". Files are found wherever they are: their row knows.
    """

    def __init__(self, new_files: str = "database", s3: dict[str, Any] | None = None) -> None:
        self.new_files, self._s3 = new_files, s3

    @property
    def has_bucket(self) -> bool:
        return bool(self._s3)

    @cached_property
    def bucket(self) -> Bucket:
        """Raises ImproperlyConfigured where this process was told of none."""
        if not self._s3:
            raise ImproperlyConfigured("Audio is in S3-compatible storage: set AUDIO_S3_BUCKET for this process too.")
        from studies.bucket import Bucket  # a package that only those need who keep audio elsewhere

        return Bucket(**self._s3)

    def _open(self, name: str, mode: str = "rb") -> File:
        if mode != "rb":
            raise ValueError("Stored files are read only: save a new one instead.")
        return File(BytesIO(self._read(name)), name)

    def read_range(self, name: str, start: int, length: int) -> bytes:
        """`length` bytes from `start` (counted from 0), without reading the rest."""
        return self._read(name, start, length)

    def _read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        for content in _looks(name, start, length):
            found = self.bucket.get(name, start, length) if content is None else content
            if found is not None:
                return found
        raise FileNotFoundError(f"{name!r} is neither in the database nor in the bucket that its row points to.")

    def _save(self, name: str, content: File) -> str:
        self.save_all({name: content.read()})
        return name

    def save_all(self, contents: dict[str, bytes]) -> None:
        """By name. In one order, so that two workers never wait for each other; saving one again changes nothing."""
        there = self._saved_again(sorted(contents))
        new = {name: data for name, data in sorted(contents.items()) if name not in there}
        if self.new_files == "s3":
            for name, data in new.items():
                self.bucket.put(name, data)
        StoredFile.objects.bulk_create([self._row(name, data) for name, data in new.items()], ignore_conflicts=True)

    def _row(self, name: str, data: bytes) -> StoredFile:
        elsewhere = self.new_files == "s3"
        digest = hashlib.sha256(data).hexdigest()
        content = None if elsewhere else data
        return StoredFile(name=name, content=content, size=len(data), sha256=digest, elsewhere=elsewhere)

    @transaction.atomic
    def _saved_again(self, names: list[str]) -> set[str]:
        """Those that are there already; they count as new to whoever clears away what nobody names."""
        rows = StoredFile.objects.filter(name__in=names).order_by("name").select_for_update()
        there = set(rows.values_list("name", flat=True))
        StoredFile.objects.filter(name__in=there).update(created_at=timezone.now())
        return there

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def exists(self, name: str) -> bool:
        return StoredFile.objects.filter(name=name).exists()

    @transaction.atomic
    def delete(self, name: str) -> None:
        """The object goes first, and its row is held meanwhile: whoever saves it again waits, and then saves it."""
        row = StoredFile.objects.filter(name=name).defer("content").select_for_update().first()
        if row and row.elsewhere:
            self.bucket.delete(name)
        if row:
            row.delete()

    def size(self, name: str) -> int:
        size = StoredFile.objects.filter(name=name).values_list("size", flat=True).first()
        if size is None:
            raise FileNotFoundError(f"No stored file {name!r}.")
        return size

    def sizes(self, names: list[str]) -> dict[str, int]:
        """Of those that are there, in one query."""
        return dict(StoredFile.objects.filter(name__in=names).values_list("name", "size"))


def _looks(name: str, start: int, length: int | None) -> Iterator[bytes | None]:
    """The bytes in the file's row, or None where they are elsewhere: as this transaction sees it, then as it is now.

    A transaction that reads what was (an export) may see a file elsewhere that has come back meanwhile.
    """
    yield _content(connection, name, start, length)
    for _ in range(LOOKS):
        with closing(connection.copy()) as now:
            yield _content(now, name, start, length)


def _content(database: Any, name: str, start: int, length: int | None) -> bytes | None:
    wanted, values = ("content", []) if length is None else ("substring(content FROM %s FOR %s)", [start + 1, length])
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {wanted} FROM studies_storedfile WHERE name = %s", [*values, name])  # noqa: S608
        row = cursor.fetchone()
    if row is None:
        raise FileNotFoundError(f"No stored file {name!r}.")
    return None if row[0] is None else bytes(row[0])
