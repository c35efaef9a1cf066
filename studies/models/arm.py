"""An arm: one way of rewriting, compared with the others on the same prompts."""

from django.db import models
from django.db.models import Q


class Arm(models.Model):
    class Method(models.TextChoices):
        ORIGINAL = "original", "Original: the prompt as given"
        INSTRUCT = "instruct", "Instruct: rewritten once, 0-shot"
        INSTRUCT_ICL = "instruct_icl", "Instruct + exemplars: nearest expert captions shown"
        INSTRUCT_FEEDBACK = "instruct_feedback", "Instruct + feedback: fine-tuned by margin ranking"
        BEST_OF_N = "best_of_n", "Best of n: sampled, rendered, the best kept"

    class Stage(models.TextChoices):
        """Where an arm stands. Each stage begins when every row of the one before is settled."""

        RETRIEVING = "retrieving"
        CANDIDATES = "candidates"
        TRAINING = "training"
        EVALUATING = "evaluating"
        FINISHED = "finished"

    study = models.ForeignKey("studies.Study", models.CASCADE, related_name="arms")
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    method = models.CharField(max_length=20, choices=Method)
    rewriter = models.ForeignKey("studies.EngineSpec", models.PROTECT, related_name="arms", null=True, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    stage = models.CharField(max_length=12, choices=Stage, blank=True, editable=False)
    round = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["study", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["study", "key"], name="one_arm_a_key"),
            models.CheckConstraint(
                condition=Q(method="original", rewriter__isnull=True)
                | (~Q(method="original") & Q(rewriter__isnull=False)),
                name="every_arm_but_original_rewrites",
            ),
        ]

    def __str__(self) -> str:
        return self.name
