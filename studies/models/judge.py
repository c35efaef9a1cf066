"""A study judge: what a study's own votes taught about a scorer's embeddings."""

from django.db import models


class StudyJudge(models.Model):
    """Trained once, never changed; votes that come later make another one.

    scorers: of whose embeddings it is a head, as engine specs name them. material: the votes it learned from and the
    fold of each prompt. measured: how it did on prompts that it had not learned from.
    """

    study = models.ForeignKey("studies.Study", models.CASCADE, related_name="judges")
    weights = models.FileField(upload_to="judges", max_length=200)
    scorers = models.JSONField()
    seed = models.PositiveIntegerField(default=1, help_text="Of the folds, and of the draws of the curve.")
    simulated = models.BooleanField(help_text="It learned from simulated raters, who are no people.")
    material = models.JSONField()
    measured = models.JSONField()
    spec = models.ForeignKey(
        "studies.EngineSpec",
        models.SET_NULL,
        related_name="judges",
        null=True,
        blank=True,
        help_text="The scorer that other studies know it by.",
    )
    created_by = models.ForeignKey("accounts.User", models.SET_NULL, related_name="+", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"judge {self.pk} of study {self.study_id}"
