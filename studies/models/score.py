"""A score: how well a clip fits a reference text, by one scorer; and the embeddings it came from."""

from django.db import models
from django.db.models import Q
from pgvector.django import VectorField

from studies.models.work import Work


class Score(Work):
    """Dot product of two unit embeddings (or an oracle's relevance, 0..1)."""

    studies_path = "clip__renderings__candidate__arm__study"
    group_fields = ("scorer_id",)
    engine_field = "scorer"
    needs = ("scorer", "clip")

    clip = models.ForeignKey("studies.Clip", models.CASCADE, related_name="scores")
    scorer = models.ForeignKey("studies.EngineSpec", models.PROTECT, related_name="scores")
    reference = models.TextField()
    value = models.FloatField(null=True, blank=True)
    preprocessing = models.CharField(
        max_length=64, blank=True, help_text="Fingerprint of the scorer's checkpoint and front end."
    )

    class Meta(Work.Meta):
        constraints = [
            *Work.Meta.constraints,
            models.CheckConstraint(condition=~Q(state="done", value__isnull=True), name="score_done_has_value"),
        ]


class TextEmbedding(Work):
    """A text as one scorer sees it. Made on its own for exemplars and for rankings, or on the way to a score."""

    studies_path = "arms__study"
    group_fields = ("scorer_id",)
    engine_field = "scorer"
    needs = ("scorer",)

    scorer = models.ForeignKey("studies.EngineSpec", models.PROTECT, related_name="text_embeddings")
    text = models.TextField()
    vector = VectorField(null=True, blank=True)
    arms = models.ManyToManyField("studies.Arm", related_name="text_embeddings", blank=True)

    class Meta(Work.Meta):
        constraints = [
            *Work.Meta.constraints,
            models.CheckConstraint(condition=~Q(state="done", vector__isnull=True), name="embedding_done_has_vector"),
        ]


class ClipEmbedding(models.Model):
    """A clip as one scorer hears it, kept so that a second reference text costs a dot product."""

    clip = models.ForeignKey("studies.Clip", models.CASCADE, related_name="embeddings")
    scorer = models.ForeignKey("studies.EngineSpec", models.PROTECT, related_name="clip_embeddings")
    vector = VectorField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clip", "scorer"], name="one_embedding_a_clip_and_scorer")]

    def __str__(self) -> str:
        return f"clip {self.clip_id} by scorer {self.scorer_id}"
