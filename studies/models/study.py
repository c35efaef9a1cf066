"""A study: which prompts, which engines, how much of each, and where it stands."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q


class Study(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft"
        RUNNING = "running"
        PAUSED = "paused"
        COMPLETE = "complete"
        CANCELLED = "cancelled"

    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="studies")
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    description = models.TextField(blank=True)
    recipe = models.CharField(max_length=80, blank=True, help_text="The recipe it was made from, if any.")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    status_reason = models.TextField(blank=True, help_text="Why it is paused, when it paused itself.")

    prompt_set = models.ForeignKey("prompts.PromptSet", models.PROTECT, related_name="studies")
    generator = models.ForeignKey("studies.EngineSpec", models.PROTECT, related_name="+")
    feedback_scorer = models.ForeignKey(
        "studies.EngineSpec", models.PROTECT, related_name="+", help_text="Ranks candidates: it teaches."
    )
    evaluation_scorer = models.ForeignKey(
        "studies.EngineSpec", models.PROTECT, related_name="+", help_text="Judges the result: must not have taught."
    )
    oracle = models.ForeignKey(
        "studies.EngineSpec",
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        help_text="Ground truth, where the world's truth is known.",
    )

    seed = models.PositiveIntegerField(default=1, help_text="Every random choice of the study follows from it.")
    seconds = models.FloatField(default=3.0, validators=[MinValueValidator(0.5), MaxValueValidator(60)])
    evaluation_kind = models.CharField(max_length=10, default="open", choices=[("open", "open"), ("expert", "expert")])
    evaluation_split = models.CharField(max_length=10, default="test")
    control_prompts = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="Expert prompts of the same split that every arm rewrites too, beside the main numbers: a rewriter "
        "that harms them has learnt open prompts by heart. 0: none.",
    )
    evaluation_takes = models.PositiveSmallIntegerField(
        default=4, validators=[MinValueValidator(1)], help_text="Audio seeds for each text that is evaluated."
    )
    feedback_takes = models.PositiveSmallIntegerField(
        default=2, validators=[MinValueValidator(1)], help_text="Audio seeds for each candidate that is ranked."
    )
    failure_limit = models.FloatField(
        default=0.1,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="Pauses the study when more than this share of its finished rows (and more than five) failed.",
    )
    accepted_failures = models.JSONField(
        default=dict, blank=True, editable=False, help_text="Failed rows by kind that somebody resumed in spite of."
    )
    listening_pairs = models.JSONField(
        default=list, blank=True, help_text='Pairs of arm keys that raters compare, as in [["instruct", "original"]].'
    )
    listening_prompts = models.PositiveSmallIntegerField(default=20, help_text="Prompts of each pair that are heard.")
    votes_per_trial = models.PositiveSmallIntegerField(default=3, validators=[MinValueValidator(1)])
    trials_per_session = models.PositiveSmallIntegerField(default=10, validators=[MinValueValidator(1)])

    created_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    launched_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "studies"
        constraints = [
            models.CheckConstraint(
                condition=Q(status="draft", launched_at__isnull=True)
                | (~Q(status="draft") & Q(launched_at__isnull=False)),
                name="study_past_draft_was_launched",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["complete", "cancelled"], finished_at__isnull=False)
                | (~Q(status__in=["complete", "cancelled"]) & Q(finished_at__isnull=True)),
                name="study_end_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def teaches_and_judges(self) -> bool:
        """The scorer that taught also judges: its verdict flatters what it taught (METHOD: CLAP)."""
        return self.feedback_scorer.hears_like(self.evaluation_scorer)
