"""What a clip is to a study: by which arm it was made of which prompt, and what scorers say of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

from results.records import RECORDS, Record
from results.records.made import clips_of
from studies.models import Clip, Rendering, Study

BATCH = 200  # clips whose uses and scores are read at once


def finished(study: Study) -> Iterator[list[Clip]]:
    """Finished clips in the order of their ids, a batch at a time."""
    clips = Clip.objects.filter(pk__in=clips_of(study), state=Clip.State.DONE).order_by("pk").iterator(chunk_size=2_000)
    while batch := list(islice(clips, BATCH)):
        yield batch


def uses(study: Study, clips: Sequence[Clip]) -> dict[int, list[Record]]:
    """By clip, in the order of renderings."""
    rows = (
        Rendering.objects.filter(candidate__arm__study=study, clip__in=clips)
        .order_by("pk")
        .values_list(
            "clip_id",
            "candidate__arm__key",
            "candidate__prompt_id",
            "candidate__prompt__text",
            "candidate__prompt__split",
            "candidate__purpose",
            "candidate__round",
            "candidate__index",
            "take",
        )
    )
    names = ("arm", "prompt", "prompt_text", "split", "purpose", "round", "index", "take")
    found: dict[int, list[Record]] = defaultdict(list)
    for clip, *use in rows:
        found[clip].append(dict(zip(names, use, strict=True)))
    return found


def scores(study: Study, clips: Sequence[Clip]) -> dict[int, list[Record]]:
    """By clip: scorer, reference and value of what was scored."""
    rows = (
        RECORDS["scores"]
        .rows(study)
        .filter(clip__in=clips, value__isnull=False)
        .order_by("pk")
        .values_list("clip_id", "scorer__slug", "reference", "value")
    )
    found: dict[int, list[Record]] = defaultdict(list)
    for clip, scorer, reference, value in rows:
        found[clip].append({"scorer": scorer, "reference": reference, "value": value})
    return found
