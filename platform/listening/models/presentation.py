"""A presentation: one trial in front of one rater. It is also the claim on one of the trial's votes."""

from django.db import models
from django.db.models import F, Q

from listening.models.session import opaque

SIDES = ("a", "b")


class Presentation(models.Model):
    """Which clip plays as A is drawn once and stored; the browser knows the two clips by their tokens alone."""

    class State(models.TextChoices):
        CLAIMED = "claimed"
        VOTED = "voted"
        SURPLUS = "surplus", "voted late, beyond the votes needed"
        RELEASED = "released", "given back without a vote"

    session = models.ForeignKey("listening.Session", models.CASCADE, related_name="presentations")
    trial = models.ForeignKey("listening.Trial", models.CASCADE, related_name="presentations")
    token = models.CharField(max_length=40, unique=True, default=opaque, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.CLAIMED)
    claimed_at = models.DateTimeField()
    leased_until = models.DateTimeField(help_text="A claim without a vote counts no longer than this.")

    a_is_first = models.BooleanField(help_text="Side A plays the trial's first clip.")
    a_token = models.CharField(max_length=40, unique=True, default=opaque, editable=False)
    b_token = models.CharField(max_length=40, unique=True, default=opaque, editable=False)
    first_served_at = models.DateTimeField(null=True, blank=True)
    a_served = models.PositiveBigIntegerField(default=0, help_text="Bytes sent, from the first on without a gap.")
    b_served = models.PositiveBigIntegerField(default=0, help_text="Bytes sent, from the first on without a gap.")
    a_heard = models.FloatField(default=0, help_text="Seconds played, as far as time allows.")
    b_heard = models.FloatField(default=0, help_text="Seconds played, as far as time allows.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["session", "trial"], name="one_presentation_a_session_and_trial"),
            models.UniqueConstraint(fields=["session"], condition=Q(state="claimed"), name="one_claim_a_session"),
            models.CheckConstraint(condition=~Q(a_token=F("b_token")), name="presentation_sides_have_own_tokens"),
            models.CheckConstraint(
                condition=Q(a_heard__gte=0, b_heard__gte=0), name="presentation_heard_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["claimed", "released"])
                | Q(first_served_at__isnull=False, a_served__gt=0, b_served__gt=0, a_heard__gt=0, b_heard__gt=0),
                name="presentation_voted_was_heard",
            ),
        ]
        indexes = [models.Index(fields=["trial", "state"], name="presentation_by_trial")]

    def __str__(self) -> str:
        return f"presentation {self.pk} ({self.state})"

    def clip(self, side: str):
        """The clip that side "a" or "b" plays."""
        return self.trial.first_clip if (side == "a") == self.a_is_first else self.trial.second_clip

    def arm(self, side: str):
        """The arm behind side "a" or "b". Nothing of it may reach the browser."""
        return self.trial.first_arm if (side == "a") == self.a_is_first else self.trial.second_arm
