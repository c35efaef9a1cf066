"""A headphone check: six sounds and what was heard in them."""

from django.db import models
from django.db.models import Q


class HeadphoneCheck(models.Model):
    """One attempt. The right answers stay here; the browser gets sounds and gives numbers."""

    rater = models.ForeignKey("accounts.Rater", models.CASCADE, related_name="headphone_checks")
    session = models.ForeignKey("listening.Session", models.CASCADE, related_name="headphone_checks")
    method = models.CharField(max_length=10)
    attempt = models.PositiveSmallIntegerField(default=1)
    seed = models.PositiveBigIntegerField()
    token = models.CharField(max_length=40, unique=True)
    answers = models.JSONField(null=True, blank=True, help_text="The interval chosen in each trial, 0 to 2.")
    right = models.PositiveSmallIntegerField(null=True, blank=True)
    passed = models.BooleanField(null=True, blank=True)
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["session", "attempt"], name="one_headphone_check_an_attempt"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, passed__isnull=True)
                | Q(answered_at__isnull=False, passed__isnull=False, right__isnull=False, answers__isnull=False),
                name="headphone_check_answered_has_a_result",
            ),
        ]

    def __str__(self) -> str:
        return f"headphone check {self.pk}"
