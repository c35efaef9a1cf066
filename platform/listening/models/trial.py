"""A trial: the clips of one prompt that one screen asks about."""

from django.db import models
from django.db.models import Q


class Trial(models.Model):
    """Its stimuli are in an order of their own, never that of the letters a rater sees."""

    class Kind(models.TextChoices):
        STUDY = "study", "counts for the study"
        TRAP = "trap", "a voice inside one clip says what to answer"
        GOLD = "gold", "one clip is another, made worse"
        PRACTICE = "practice", "not counted"

    study = models.ForeignKey("studies.Study", models.CASCADE, related_name="trials")
    question = models.ForeignKey("listening.Question", models.CASCADE, related_name="trials")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.STUDY)
    prompt = models.ForeignKey("prompts.Prompt", models.PROTECT, related_name="trials")
    content = models.CharField(max_length=120, help_text="Its clips and what was done to them, in the order of ids.")
    arms = models.CharField(max_length=120, blank=True, help_text="The arms it compares, in the order of ids.")
    votes_needed = models.PositiveSmallIntegerField(null=True, blank=True)
    # Kept under the trial's lock, so that what has room is found without counting votes. Usable votes only.
    votes_people = models.PositiveIntegerField(default=0, editable=False)
    votes_simulated = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "kind", "prompt", "content", "arms"], name="one_trial_a_content"
            ),
            models.CheckConstraint(
                condition=Q(kind="study", votes_needed__isnull=False, votes_needed__gte=1)
                | (~Q(kind="study") & Q(votes_needed__isnull=True)),
                name="trial_of_the_study_needs_votes",
            ),
        ]

    def __str__(self) -> str:
        return f"trial {self.pk} of study {self.study_id}"


class Stimulus(models.Model):
    """One clip of a trial, and what is done to it before it is played."""

    class Treatment(models.TextChoices):
        NONE = "", "as it is"
        SAY_BEST = "say-best", "a voice asks for the best answer"
        SAY_WORST = "say-worst", "a voice asks for the worst answer"
        DEGRADE_1 = "degrade-1", "slightly degraded"
        DEGRADE_2 = "degrade-2", "degraded"
        DEGRADE_3 = "degrade-3", "strongly degraded"
        DEGRADE_4 = "degrade-4", "heavily degraded"
        NOISE = "noise", "replaced by noise of its own spectrum"

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="stimuli")
    position = models.PositiveSmallIntegerField()
    arm = models.ForeignKey("studies.Arm", models.CASCADE, related_name="+", null=True, blank=True)
    clip = models.ForeignKey("studies.Clip", models.PROTECT, related_name="+")
    treatment = models.CharField(max_length=10, choices=Treatment, default="", blank=True)

    class Meta:
        ordering = ["trial", "position"]
        verbose_name_plural = "stimuli"
        constraints = [
            models.UniqueConstraint(fields=["trial", "position"], name="one_stimulus_a_place"),
            models.UniqueConstraint(fields=["trial", "clip", "treatment"], name="one_stimulus_a_sound"),
            models.UniqueConstraint(fields=["trial", "arm"], name="one_stimulus_an_arm"),
            models.CheckConstraint(
                condition=Q(arm__isnull=True) | Q(treatment=""), name="stimulus_of_an_arm_is_untouched"
            ),
        ]

    def __str__(self) -> str:
        return f"stimulus {self.pk}"
