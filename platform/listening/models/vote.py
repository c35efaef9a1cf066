"""A vote: what one rater preferred in one presentation."""

from django.db import models
from django.db.models import Q


class Vote(models.Model):
    class Choice(models.TextChoices):
        A = "a"
        B = "b"
        TIE = "tie", "no difference"

    presentation = models.OneToOneField("listening.Presentation", models.CASCADE, related_name="vote")
    choice = models.CharField(max_length=3, choices=Choice)
    winner = models.ForeignKey("studies.Arm", models.CASCADE, related_name="votes_won", null=True, blank=True)
    response_ms = models.PositiveIntegerField(help_text="From the page being ready to the vote, in milliseconds.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(choice="tie", winner__isnull=True) | Q(choice__in=["a", "b"], winner__isnull=False),
                name="vote_has_a_winner_unless_tied",
            ),
        ]

    def __str__(self) -> str:
        return f"vote {self.pk}: {self.choice}"
