"""What pages have computed of a study, kept so that it is not computed again for every reader."""

from django.db import models


class Kept(models.Model):
    """body: JSON. rests_on, so_far: of what it was computed from, see studies/kept.py. seconds: that it took."""

    study = models.ForeignKey("studies.Study", models.CASCADE, related_name="kept")
    name = models.CharField(max_length=60)
    rests_on = models.CharField(max_length=64)
    so_far = models.CharField(max_length=64, blank=True)
    body = models.TextField()
    seconds = models.FloatField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "name"], name="one_kept_a_study_and_name")]

    def __str__(self) -> str:
        return f"{self.study_id}: {self.name}"
