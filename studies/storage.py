"""Django storage over PostgreSQL: one dump holds the whole study, one connection feeds a worker."""

from __future__ import annotations

from io import BytesIO

from django.core.files.base import File
from django.core.files.storage import Storage
from django.db import connection
from django.utils.deconstruct import deconstructible

from studies.models.stored_file import StoredFile


@deconstructible
class DatabaseStorage(Storage):
    """Names are given by content (their hash), so writing one again is a no-op, not a second file."""

    def _open(self, name: str, mode: str = "rb") -> File:
        if mode != "rb":
            raise ValueError("Stored files are read only: save a new one instead.")
        row = StoredFile.objects.filter(name=name).values_list("content", flat=True).first()
        if row is None:
            raise FileNotFoundError(f"No stored file {name!r}.")
        return File(BytesIO(bytes(row)), name)

    def _save(self, name: str, content: File) -> str:
        data = content.read()
        StoredFile.objects.bulk_create([StoredFile(name=name, content=data, size=len(data))], ignore_conflicts=True)
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def exists(self, name: str) -> bool:
        return StoredFile.objects.filter(name=name).exists()

    def delete(self, name: str) -> None:
        StoredFile.objects.filter(name=name).delete()

    def size(self, name: str) -> int:
        size = StoredFile.objects.filter(name=name).values_list("size", flat=True).first()
        if size is None:
            raise FileNotFoundError(f"No stored file {name!r}.")
        return size

    def read_range(self, name: str, start: int, length: int) -> bytes:
        """`length` bytes from `start` (counted from 0), without reading the rest."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT substring(content FROM %s FOR %s) FROM studies_storedfile WHERE name = %s",
                [start + 1, length, name],
            )
            row = cursor.fetchone()
        if row is None:
            raise FileNotFoundError(f"No stored file {name!r}.")
        return bytes(row[0])
