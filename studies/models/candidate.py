"""A candidate: what one arm proposes for one prompt, and the clips that were made of it."""

from django.db import models


class Candidate(models.Model):
    """Links a study to shared work: the rewrite and its clips may serve other arms and studies too."""

    class Purpose(models.TextChoices):
        TRAIN = "train", "ranked to teach"
        SELECT = "select", "ranked to be chosen"
        EVALUATE = "evaluate", "judged and heard"

    arm = models.ForeignKey("studies.Arm", models.CASCADE, related_name="candidates")
    prompt = models.ForeignKey("prompts.Prompt", models.PROTECT, related_name="candidates")
    purpose = models.CharField(max_length=10, choices=Purpose)
    round = models.PositiveSmallIntegerField(default=0)
    index = models.PositiveSmallIntegerField(default=0)
    rewrite = models.ForeignKey("studies.Rewrite", models.PROTECT, related_name="candidates")
    clips = models.ManyToManyField("studies.Clip", through="Rendering", related_name="candidates")

    class Meta:
        ordering = ["arm", "purpose", "round", "prompt", "index"]
        constraints = [
            models.UniqueConstraint(
                fields=["arm", "prompt", "purpose", "round", "index"], name="one_candidate_an_index"
            )
        ]

    def __str__(self) -> str:
        return f"{self.arm_id}/{self.prompt_id} {self.purpose} {self.round}.{self.index}"


class Rendering(models.Model):
    """One take (audio seed) of one candidate."""

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="renderings")
    clip = models.ForeignKey("studies.Clip", models.PROTECT, related_name="renderings")
    take = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["candidate", "take"]
        constraints = [models.UniqueConstraint(fields=["candidate", "take"], name="one_clip_a_take")]

    def __str__(self) -> str:
        return f"take {self.take} of candidate {self.candidate_id}"
