"""A trial: two clips of one prompt, made by two arms, that listeners compare."""

from django.db import models
from django.db.models import F, Q


class Trial(models.Model):
    """First and second follow the arms' ids, never the side a clip is played on: a pair is one row."""

    study = models.ForeignKey("studies.Study", models.CASCADE, related_name="trials")
    prompt = models.ForeignKey("prompts.Prompt", models.PROTECT, related_name="trials")
    first_arm = models.ForeignKey("studies.Arm", models.CASCADE, related_name="+")
    second_arm = models.ForeignKey("studies.Arm", models.CASCADE, related_name="+")
    first_clip = models.ForeignKey("studies.Clip", models.PROTECT, related_name="+")
    second_clip = models.ForeignKey("studies.Clip", models.PROTECT, related_name="+")
    votes_needed = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "prompt", "first_arm", "second_arm"], name="one_trial_a_prompt_and_pair"
            ),
            models.CheckConstraint(condition=Q(first_arm__lt=F("second_arm")), name="trial_pair_has_one_order"),
            models.CheckConstraint(condition=~Q(first_clip=F("second_clip")), name="trial_clips_differ"),
            models.CheckConstraint(condition=Q(votes_needed__gte=1), name="trial_needs_votes"),
        ]

    def __str__(self) -> str:
        return f"trial {self.pk} of study {self.study_id}"
