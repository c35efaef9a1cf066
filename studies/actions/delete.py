"""A study that nobody wants any more goes, with all that was made for it alone."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import ProtectedError

from studies.errors import StudyError
from studies.models import Checkpoint, Clip, Rewrite, Study

log = logging.getLogger(__name__)
AT_WORK = (Study.Status.RUNNING, Study.Status.PAUSED)


@transaction.atomic
def delete(*, study: Study) -> set[str]:
    """Its votes, trials, candidates and checkpoints, and those rewrites, clips and scores that no other study wants.

    Returns the names of files that these rows named: they are deleted by `clearing.clear`, once this is committed.
    Raises StudyError where it is at work, or where another study needs a checkpoint of its.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.status in AT_WORK:
        raise StudyError({"status": [f"A study that is {study.status} cannot be deleted: cancel it first."]})
    clips = set(Clip.objects.filter(renderings__candidate__arm__study=study).values_list("pk", flat=True))
    rewrites = set(Rewrite.objects.filter(candidates__arm__study=study).values_list("pk", flat=True))
    weights = set(Checkpoint.objects.filter(arm__study=study).exclude(weights="").values_list("weights", flat=True))
    weights |= set(study.judges.values_list("weights", flat=True))
    try:
        for arm in study.arms.all():
            arm.candidates.all().delete()
        Rewrite.objects.filter(pk__in=rewrites, candidates=None).delete()
        for checkpoint in Checkpoint.objects.filter(arm__study=study).order_by("-round"):
            checkpoint.delete()  # before those that it went on from
        slug = study.slug
        study.delete()
    except ProtectedError as error:
        raise StudyError({"study": [f"Another study needs what it made: {error.args[0]}"]}) from error
    alone = Clip.objects.filter(pk__in=clips, renderings=None)
    names = set(alone.exclude(audio="").values_list("audio", flat=True)) | weights
    alone.delete()
    log.info("Study %s was deleted", slug)
    return names
