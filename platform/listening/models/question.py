"""A question: what one pass of a study asks. A session is one pass, so that no answer leans on another."""

from django.db import models
from django.db.models import Q


class Question(models.Model):
    class Kind(models.TextChoices):
        PREFERENCE = "preference", "Preference: A or B"
        CMOS = "cmos", "Comparison (CMOS): −3 … +3"
        RELEVANCE = "relevance", "Relevance of one clip: 0 … 100"
        QUALITY = "quality", "Quality of one clip: 0 … 100"
        MUSHRA = "mushra", "Multi-stimulus without reference: 0 … 100 each"
        BEST_WORST = "best_worst", "Best and worst of four"

    PAIRS = (Kind.PREFERENCE, Kind.CMOS)
    SINGLES = (Kind.RELEVANCE, Kind.QUALITY)

    study = models.ForeignKey("studies.Study", models.CASCADE, related_name="listening_questions")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PREFERENCE)
    text = models.CharField(
        max_length=200, blank=True, help_text="In your own words. Empty: the product's, in the rater's language."
    )
    ties = models.BooleanField(default=True, help_text="Preference: offers “no difference”.")
    both_bad = models.BooleanField(default=False, help_text="Preference: offers “both are bad”.")
    votes_per_trial = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: the study's.")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "position"], name="one_question_a_place"),
            models.CheckConstraint(condition=Q(votes_per_trial__isnull=True) | Q(votes_per_trial__gte=1),
                                   name="question_needs_votes"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def votes_needed(self) -> int:
        """Of each trial."""
        return self.votes_per_trial or self.study.votes_per_trial
