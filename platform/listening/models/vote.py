"""A vote: one rater's answer to one presentation. What it says of each clip stands with the clip's playback."""

from django.db import models
from django.db.models import Q


class Vote(models.Model):
    class Choice(models.TextChoices):
        A = "a"
        B = "b"
        C = "c"
        D = "d"
        TIE = "tie", "no difference"
        BAD = "bad", "both are bad"
        RATED = "rated", "rated on a scale"

    presentation = models.OneToOneField("listening.Presentation", models.CASCADE, related_name="vote")
    choice = models.CharField(max_length=5, choices=Choice)
    winner = models.ForeignKey("studies.Arm", models.CASCADE, related_name="votes_won", null=True, blank=True)
    passed = models.BooleanField(null=True, blank=True, help_text="Of a trap or a gold trial; else empty.")
    response_ms = models.PositiveIntegerField(help_text="From the page being ready to the vote, in milliseconds.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(winner__isnull=True) | Q(choice__in=["a", "b", "c", "d"], passed__isnull=True),
                name="vote_that_has_a_winner_chose_it",
            ),
        ]

    def __str__(self) -> str:
        return f"vote {self.pk}: {self.choice}"
