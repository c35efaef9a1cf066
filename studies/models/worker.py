"""A worker as it last announced itself: which engines it can serve, and when it was seen."""

from django.db import models


class Worker(models.Model):
    name = models.CharField(max_length=120, unique=True)
    engines = models.JSONField(default=list, help_text="Keys of the engine registry.")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
