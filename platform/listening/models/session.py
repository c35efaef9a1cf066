"""A session: one rater in one study, from consent to the code at the end."""

import secrets

from django.db import models
from django.db.models import Q


def opaque() -> str:
    """A name that says nothing: 32 characters of 192 random bits."""
    return secrets.token_urlsafe(24)


class Session(models.Model):
    class State(models.TextChoices):
        ACTIVE = "active"
        COMPLETE = "complete"
        LEFT = "left", "left early"

    study = models.ForeignKey("studies.Study", models.CASCADE, related_name="rater_sessions")
    rater = models.ForeignKey("accounts.Rater", models.CASCADE, related_name="sessions")
    consent = models.ForeignKey("accounts.ConsentText", models.PROTECT, related_name="sessions")
    token = models.CharField(max_length=40, unique=True, default=opaque, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    arrival = models.JSONField(default=dict, blank=True, help_text="The provider's ids of this visit, for payment.")
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    completion_code = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["study", "rater"], name="one_session_a_rater_and_study"),
            models.CheckConstraint(
                condition=Q(state="active", finished_at__isnull=True, completion_code="")
                | (~Q(state="active") & Q(finished_at__isnull=False) & ~Q(completion_code="")),
                name="session_end_has_a_time_and_a_code",
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.pk} ({self.state})"

    @property
    def active(self) -> bool:
        return self.state == self.State.ACTIVE
