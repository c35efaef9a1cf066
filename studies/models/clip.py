"""A clip: one sound that a generator made of one text."""

from django.db import models
from django.db.models import Q

from studies.models.work import Work


class Clip(Work):
    """Audio as the generator made it (FLAC); its loudness is measured once and applied only for raters."""

    studies_path = "renderings__candidate__arm__study"
    group_fields = ("generator_id", "duration")
    engine_field = "generator"
    needs = ("generator",)

    generator = models.ForeignKey("studies.EngineSpec", models.PROTECT, related_name="clips")
    text = models.TextField()
    seed = models.BigIntegerField()
    duration = models.FloatField(help_text="Seconds asked for.")
    audio = models.FileField(upload_to="clips", blank=True, max_length=200)
    sample_rate = models.PositiveIntegerField(null=True, blank=True, help_text="Hz.")
    samples = models.PositiveIntegerField(null=True, blank=True)
    loudness = models.FloatField(null=True, blank=True, help_text="Integrated loudness, LUFS (BS.1770).")
    true_peak = models.FloatField(null=True, blank=True, help_text="True peak, dBTP.")
    truth = models.JSONField(default=dict, blank=True, help_text="What the world knows of it; sandbox only.")

    class Meta(Work.Meta):
        constraints = [
            *Work.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(state="done")
                | (~Q(audio="") & Q(sample_rate__isnull=False, samples__isnull=False, loudness__isnull=False)),
                name="clip_done_has_audio",
            ),
        ]
