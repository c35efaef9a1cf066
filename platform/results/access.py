"""Who may read which study: members of its team and superusers. For everybody else it does not exist."""

from __future__ import annotations

from django.db.models import QuerySet

from studies.models import Clip, Rendering, Study


def visible_studies(user) -> QuerySet[Study]:
    studies = Study.objects.select_related(
        "team", "prompt_set", "generator", "feedback_scorer", "evaluation_scorer", "oracle"
    )
    if not user.is_authenticated:
        return studies.none()
    return studies if user.is_superuser else studies.filter(team__memberships__user=user)


def audible_clips(study: Study) -> QuerySet[Clip]:
    """Finished clips of a study: a clip that another study made, even of the same team, is not among them."""
    mine = Rendering.objects.filter(candidate__arm__study=study).values("clip")
    return Clip.objects.filter(state=Clip.State.DONE, pk__in=mine)
