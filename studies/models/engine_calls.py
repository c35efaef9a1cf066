"""What an engine has done so far, over all workers: counters that only grow, kept where their work is recorded."""

from django.db import models


class EngineCalls(models.Model):
    """One engine's calls of one length. at_most: seconds, the upper end of those lengths; of the longest, infinity.

    A row a length, so that a call adds to one row alone: many workers rarely want the same one.
    """

    kind = models.CharField(max_length=10)
    engine = models.ForeignKey("studies.EngineSpec", models.CASCADE, related_name="calls")
    at_most = models.FloatField()
    calls = models.PositiveBigIntegerField(default=0)
    done = models.PositiveBigIntegerField(default=0, help_text="Rows.")
    failed = models.PositiveBigIntegerField(default=0, help_text="Rows.")
    seconds = models.FloatField(default=0.0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "engine", "at_most"], name="one_count_a_length"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.engine_id}: {self.calls} calls"
