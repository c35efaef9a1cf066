"""A presentation: one trial in front of one rater. It is also the claim on one of the trial's votes."""

from django.db import models
from django.db.models import Q

from listening.models.session import Session, opaque

LETTERS = "abcdefgh"


class Presentation(models.Model):
    class State(models.TextChoices):
        CLAIMED = "claimed"
        VOTED = "voted"
        SURPLUS = "surplus", "voted late, beyond the votes needed"
        RELEASED = "released", "given back without a vote"

    session = models.ForeignKey("listening.Session", models.CASCADE, related_name="presentations")
    trial = models.ForeignKey("listening.Trial", models.CASCADE, related_name="presentations")
    population = models.CharField(max_length=10, choices=Session.Population, default=Session.Population.PEOPLE)
    token = models.CharField(max_length=40, unique=True, default=opaque, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.CLAIMED)
    claimed_at = models.DateTimeField()
    leased_until = models.DateTimeField(help_text="A claim without a vote counts no longer than this.")
    shown_at = models.DateTimeField(
        null=True, blank=True, help_text="When its page was opened; before that it was only fetched ahead."
    )
    first_served_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["session", "trial"], name="one_presentation_a_session_and_trial"),
            models.CheckConstraint(
                condition=Q(state__in=["claimed", "released"]) | Q(first_served_at__isnull=False),
                name="presentation_voted_was_served",
            ),
        ]
        indexes = [
            models.Index(fields=["trial", "state"], name="presentation_by_trial"),
            models.Index(fields=["leased_until"], condition=Q(state="claimed"), name="presentation_live_claims"),
        ]

    def __str__(self) -> str:
        return f"presentation {self.pk} ({self.state})"


class Playback(models.Model):
    """One clip of a presentation under its letter: what was sent of it, what was played, what the answer says of it.

    The browser knows the clip by this row's token alone.
    """

    presentation = models.ForeignKey(Presentation, models.CASCADE, related_name="playbacks")
    stimulus = models.ForeignKey("listening.Stimulus", models.CASCADE, related_name="playbacks")
    letter = models.CharField(max_length=1, choices=[(letter, letter.upper()) for letter in LETTERS])
    token = models.CharField(max_length=40, unique=True, default=opaque, editable=False)
    served = models.PositiveBigIntegerField(default=0, help_text="Bytes sent, from the first on without a gap.")
    heard = models.FloatField(default=0, help_text="Seconds played, as far as time allows.")
    value = models.FloatField(
        null=True,
        blank=True,
        help_text="What the answer says of this clip: preference 1 to 0, comparison −3 to 3, rating 0 to 100, "
        "best 1, worst −1.",
    )

    class Meta:
        ordering = ["presentation", "letter"]
        constraints = [
            models.UniqueConstraint(fields=["presentation", "letter"], name="one_playback_a_letter"),
            models.UniqueConstraint(fields=["presentation", "stimulus"], name="one_playback_a_stimulus"),
            models.CheckConstraint(condition=Q(heard__gte=0), name="playback_heard_is_not_negative"),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(served__gt=0, heard__gt=0), name="playback_answered_was_heard"
            ),
        ]

    def __str__(self) -> str:
        return f"playback {self.pk} ({self.letter})"
