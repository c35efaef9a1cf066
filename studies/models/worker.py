"""A worker as it last announced itself: which engines it can serve, what it weighs, and when it was seen."""

from django.db import models


class Worker(models.Model):
    """processes: [{"name": as work rows have it, "memory": resident bytes}], the main one first.
    gpus: [{"name", "used", "total"}] of its machine, in bytes.
    """

    name = models.CharField(max_length=120, unique=True)
    engines = models.JSONField(default=list, help_text="Keys of the engine registry.")
    processes = models.JSONField(default=list)
    gpus = models.JSONField(default=list)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
