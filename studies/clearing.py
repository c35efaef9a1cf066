"""Files that no row names any more go, from the database and from the bucket."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from studies import keeping
from studies.models import Checkpoint, Clip, EngineSpec, StoredFile, StudyJudge
from studies.storage import files

BATCH = 1_000  # names
SETTLED = timedelta(hours=1)  # a worker saves a file before it records the row that names it


@dataclass
class Cleared:
    files: int = 0
    objects: int = 0  # in the bucket, of which the database knew nothing


def clear(names: Collection[str], older: timedelta = SETTLED) -> int:
    """Deletes those of these files that nobody names; how many. Raises BusyError while files move or are backed up."""
    with keeping.alone():
        return _deleted(_unnamed(older).filter(name__in=names))


def clear_all(older: timedelta) -> Cleared:
    """Deletes every file that nobody names, and every object of this installation's prefix that has no row.

    older: what was saved since then stays. Raises BusyError while files move or are backed up.
    """
    with keeping.alone():
        cleared = Cleared(files=_deleted(_unnamed(older)))
        if files().has_bucket:
            cleared.objects = _strangers(older)
    return cleared


def _unnamed(older: timedelta) -> QuerySet[StoredFile]:
    """A name is not part of a foreign key: whoever may name a file is asked."""
    naming = (
        Clip.objects.filter(audio=OuterRef("name")),
        Checkpoint.objects.filter(weights=OuterRef("name")),
        StudyJudge.objects.filter(weights=OuterRef("name")),
        EngineSpec.objects.filter(checkpoint=OuterRef("name")),
    )
    old = StoredFile.objects.filter(created_at__lt=timezone.now() - older)
    for rows in naming:
        old = old.exclude(Exists(rows))
    return old


def _deleted(rows: QuerySet[StoredFile]) -> int:
    names = list(rows.order_by("name").values_list("name", flat=True))
    for name in names:
        files().delete(name)
    return len(names)


def _strangers(older: timedelta) -> int:
    since, count = timezone.now() - older, 0
    old = (name for name, put_at in files().bucket.names() if put_at < since)
    while batch := list(islice(old, BATCH)):
        known = set(StoredFile.objects.filter(name__in=batch, elsewhere=True).values_list("name", flat=True))
        for name in set(batch) - known:
            files().bucket.delete(name)
            count += 1
    return count
