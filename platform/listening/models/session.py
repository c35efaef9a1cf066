"""A session: one rater in one study, from consent to the code at the end."""

import secrets

from django.db import models
from django.db.models import Q


def opaque() -> str:
    """A name that says nothing: 32 characters of 192 random bits."""
    return secrets.token_urlsafe(24)


class Session(models.Model):
    """One rater, one study, one question."""

    class State(models.TextChoices):
        ACTIVE = "active"
        COMPLETE = "complete"
        LEFT = "left", "left early"
        SCREENED = "screened", "screened out"
        RETURNED = "returned", "given back to the platform"
        TIMED_OUT = "timed_out", "timed out"

    class Population(models.TextChoices):
        """Counted apart, each with votes of its own."""

        PEOPLE = "people"
        SIMULATED = "simulated"
        PREVIEW = "preview", "a researcher who looks"

    study = models.ForeignKey("studies.Study", models.CASCADE, related_name="rater_sessions")
    rater = models.ForeignKey("accounts.Rater", models.CASCADE, related_name="sessions")
    question = models.ForeignKey("listening.Question", models.CASCADE, related_name="sessions")
    population = models.CharField(max_length=10, choices=Population, default=Population.PEOPLE)
    consent = models.ForeignKey("accounts.ConsentText", models.PROTECT, related_name="sessions")
    consent_version = models.CharField(max_length=40, blank=True)
    token = models.CharField(max_length=40, unique=True, default=opaque, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    language = models.CharField(max_length=10, blank=True, help_text="In which the pages were read.")
    arrival = models.JSONField(default=dict, blank=True, help_text="The provider's ids of this visit, for payment.")
    qualification = models.JSONField(null=True, blank=True, help_text="Answers given; null: not asked yet.")
    practised_at = models.DateTimeField(null=True, blank=True)
    breaks = models.PositiveSmallIntegerField(default=0, help_text="Breaks that were offered.")
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    completion_code = models.CharField(max_length=20, blank=True)
    comment = models.TextField(blank=True, max_length=2000)
    commented_at = models.DateTimeField(null=True, blank=True, help_text="When the end's page was answered.")

    reward = models.DecimalField(
        max_digits=8, decimal_places=2, null=True, blank=True, help_text="What completing it was said to pay."
    )
    currency = models.CharField(max_length=3, blank=True)
    used = models.BooleanField(default=True, help_text="Whether its votes count in results.")
    payable = models.BooleanField(null=True, blank=True, help_text="Empty: not decided yet.")
    paid_at = models.DateTimeField(null=True, blank=True)

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
        indexes = [models.Index(fields=["study", "state"], name="session_by_study")]

    def __str__(self) -> str:
        return f"session {self.pk} ({self.state})"

    @property
    def active(self) -> bool:
        return self.state == self.State.ACTIVE
