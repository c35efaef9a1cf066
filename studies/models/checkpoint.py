"""A checkpoint: a rewriter fine-tuned on one arm's ranked candidates."""

from typing import Any

from django.db import models
from django.db.models import Q

from studies.models.work import Work


class Checkpoint(Work):
    """`ranked` is the training set as it was ranked: [{"text", "exemplars", "candidates", "scores", "fidelity"}].

    One with an origin was tuned in another study and only copied: equal weights are one file.
    """

    studies_path = "arm__study"
    group_fields = ("id",)
    engine_field = "rewriter"
    needs = ("rewriter", "parent")

    arm = models.ForeignKey("studies.Arm", models.CASCADE, related_name="checkpoints")
    origin = models.CharField(
        max_length=150,
        blank=True,
        db_default="",
        help_text="STUDY/ARM/ROUND that tuned it, where that was not this arm.",
    )
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

    @property
    def kept(self) -> dict[str, Any]:
        """The curve's entry of the epoch whose weights these are; empty while there is none."""
        return next((entry for entry in self.curve if entry.get("kept")), {})

    @property
    def held(self) -> bool:
        """Whether that epoch held the fidelity floor of its training; one without validation is taken at its word."""
        return self.kept.get("fidelity", 1.0) >= self.parameters.get("fidelity_floor", 0.0)
