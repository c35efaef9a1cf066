"""Files from PostgreSQL to the bucket and back, while they are read and new ones are written.

Copied, checked, switched by one update of the row, and only then deleted where they were: killed between any two
steps, every file is whole in at least one place, its row says in which, and the next run goes on from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet, Sum

from studies.bucket import Bucket
from studies.models import StoredFile

PAGE = 64  # files of one step
ROOM = 64 * 2**20  # bytes of one step, unless one file is larger
PASSES = 3  # files that were written behind the first are met by the second
Tell = Callable[[int], object]  # bytes that one more step has moved


@dataclass
class Moved:
    files: int = 0
    bytes: int = 0
    faults: list[str] = field(default_factory=list)  # of files that stay where they are, a line each


class Mover:
    """To the bucket or to the database; it may be run at any time, also after it was killed."""

    def __init__(self, bucket: Bucket, to_s3: bool, threads: int, tell: Tell) -> None:
        self.bucket, self.tell, self.moved = bucket, tell, Moved()
        self._step = self._to_bucket if to_s3 else self._to_database
        self._left = StoredFile.objects.filter(content__isnull=False) if to_s3 else _elsewhere()
        self._pool = ThreadPoolExecutor(threads, "move")

    def left(self) -> tuple[int, int]:
        """Files and bytes that are not yet where they are to be."""
        return self._left.count(), self._left.aggregate(sum=Sum("size"))["sum"] or 0

    def run(self) -> Moved:
        with self._pool:
            for _ in range(PASSES):
                before = self.moved.files
                self.moved.faults.clear()
                for names in _steps(self._left):
                    self._step(names)
                if self.moved.files == before:
                    break
        return self.moved

    def _to_bucket(self, names: list[str]) -> None:
        # Said before anything is put there: nothing is in the bucket that no row knows of.
        rows = StoredFile.objects.filter(name__in=names, content__isnull=False)
        with transaction.atomic():
            list(rows.order_by("name").select_for_update().values_list("name"))
            rows.update(elsewhere=True)
        contents = {name: bytes(content or b"") for name, content in rows.values_list("name", "content")}
        put = dict(zip(contents, self._pool.map(self._put, contents, contents.values()), strict=True))
        for name in sorted(name for name, arrived in put.items() if not arrived):
            self.moved.faults.append(f"{name}: the bucket gave other bytes back than it got")
        switched = {name: {"content": None, "sha256": _sum(contents[name])} for name, arrived in put.items() if arrived}
        self._switched(switched, {name: len(content) for name, content in contents.items()})

    def _put(self, name: str, content: bytes) -> bool:
        """Whether what is in the bucket now is what was put there."""
        self.bucket.put(name, content)
        return self.bucket.get(name) == content

    def _to_database(self, names: list[str]) -> None:
        missing = dict(_elsewhere().filter(name__in=names, content__isnull=True).values_list("name", "sha256"))
        got = dict(zip(missing, self._pool.map(self.bucket.get, missing), strict=True))
        faults = {name: _fault(content, missing[name]) for name, content in got.items()}
        self.moved.faults += [f"{name}: {fault}" for name, fault in sorted(faults.items()) if fault]
        there = {name: content for name, content in got.items() if content is not None and not faults[name]}
        sizes = {name: len(content) for name, content in there.items()}
        self._switched({name: {"content": content} for name, content in there.items()}, sizes)
        here = [name for name in names if not faults.get(name)]
        list(self._pool.map(self.bucket.delete, here))
        StoredFile.objects.filter(name__in=here, content__isnull=False).update(elsewhere=False)

    def _switched(self, values: dict[str, dict], sizes: dict[str, int]) -> None:
        with transaction.atomic():  # in one order, as those who save them again
            for name in sorted(values):
                StoredFile.objects.filter(name=name).update(**values[name])
        size = sum(sizes[name] for name in values)
        self.moved.files += len(values)
        self.moved.bytes += size
        self.tell(size)


def _elsewhere() -> QuerySet[StoredFile]:
    return StoredFile.objects.filter(elsewhere=True)


def _fault(content: bytes | None, sha256: str) -> str:
    if content is None:
        return "it is not in the bucket"
    return "" if _sum(content) == sha256 else "its bytes in the bucket are not those that were put there"


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _steps(rows: QuerySet[StoredFile]) -> Iterator[list[str]]:
    """Names, in their order, a step at a time."""
    after = ""
    while page := list(rows.filter(name__gt=after).order_by("name").values_list("name", "size")[:PAGE]):
        yield from _filled(page)
        after = page[-1][0]


def _filled(page: Iterable[tuple[str, int]]) -> Iterator[list[str]]:
    step: list[str] = []
    room = ROOM
    for name, size in page:
        if step and size > room:
            yield step
            step, room = [], ROOM
        step.append(name)
        room -= size
    yield step
