"""Which prompts a study evaluates: those that it is about, and expert ones beside them that should take no harm."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from prompts.models import Prompt
from studies import pipeline
from studies.models import Study

CONTROL = Prompt.Kind.EXPERT


def main_prompts(study: Study) -> QuerySet[Prompt]:
    """What the numbers, the listening test and the examples are about."""
    return _of_split(study).filter(kind=study.evaluation_kind)


def control_prompts(study: Study) -> QuerySet[Prompt]:
    """The expert prompts that the study's seed draws of the same split; as many as it asks for, or all."""
    there = list(_of_split(study).filter(kind=CONTROL).values_list("position", flat=True))
    drawn = pipeline.sample_prompts(study.seed, there, study.control_prompts) if study.control_prompts else []
    return _of_split(study).filter(kind=CONTROL, position__in=drawn)


def evaluated_prompts(study: Study) -> QuerySet[Prompt]:
    """Both."""
    control = control_prompts(study).values("pk")
    return _of_split(study).filter(Q(kind=study.evaluation_kind) | Q(pk__in=control))


def _of_split(study: Study) -> QuerySet[Prompt]:
    return Prompt.objects.filter(prompt_set=study.prompt_set_id, split=study.evaluation_split)
