"""What a study's workers made last, to read and to hear while they go on."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet

from studies.models import Candidate, Clip, Rendering, Rewrite, Study

SHOWN = 6


class NewRewrite(NamedTuple):
    rewrite: Rewrite
    arm: str


class NewClip(NamedTuple):
    clip: Clip
    arm: str


def rewrites(study: Study, n: int = SHOWN) -> list[NewRewrite]:
    """Newest first. What is kept as given is no rewrite."""
    wanting = Candidate.objects.filter(arm__study=study)
    rows = _newest(Rewrite.objects.exclude(rewriter=None), wanting.values("rewrite"), n)
    names = dict(wanting.filter(rewrite__in=rows).order_by("-pk").values_list("rewrite", "arm__name"))
    return [NewRewrite(row, names[row.pk]) for row in rows]


def clips(study: Study, n: int = SHOWN) -> list[NewClip]:
    """Newest first, each with the first arm that wanted it."""
    wanting = Rendering.objects.filter(candidate__arm__study=study)
    rows = _newest(Clip.objects.all(), wanting.values("clip"), n)
    names = dict(wanting.filter(clip__in=rows).order_by("-pk").values_list("clip", "candidate__arm__name"))
    return [NewClip(row, names[row.pk]) for row in rows]


def _newest(rows: QuerySet, wanted: QuerySet, n: int) -> list:
    """What it costs grows with the study, never with what others have made."""
    done = rows.filter(state="done", finished_at__isnull=False, pk__in=wanted)
    return list(done.order_by("-finished_at")[:n])
