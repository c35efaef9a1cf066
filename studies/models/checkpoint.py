"""A checkpoint: a rewriter fine-tuned on one arm's ranked candidates."""

from django.db import models
from django.db.models import Q

from studies.models.work import Work


class Checkpoint(Work):
    """`ranked` is the training set as it was ranked: [{"text", "exemplars", "candidates", "scores", "fidelity"}]."""

    studies_path = "arm__study"
    group_fields = ("id",)
    needs = ("rewriter", "parent")

    arm = models.ForeignKey("studies.Arm", models.CASCADE, related_name="checkpoints")
    round = models.PositiveSmallIntegerField(default=0)
    rewriter = models.ForeignKey("studies.EngineSpec", models.PROTECT, related_name="checkpoints")
    parent = models.ForeignKey("self", models.PROTECT, related_name="children", null=True, blank=True)
    parameters = models.JSONField(default=dict)
    ranked = models.JSONField(default=list)
    validation = models.JSONField(
        default=list, blank=True, help_text="Prompts watched while it trains, with their audio seeds; none trains it."
    )
    weights = models.FileField(upload_to="checkpoints", blank=True, max_length=200)
    curve = models.JSONField(default=list, blank=True)

    class Meta(Work.Meta):
        constraints = [
            *Work.Meta.constraints,
            models.UniqueConstraint(fields=["arm", "round"], name="one_checkpoint_a_round"),
            models.CheckConstraint(condition=~Q(state="done", weights=""), name="checkpoint_done_has_weights"),
        ]
