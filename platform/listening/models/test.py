"""A study's listening test: who may take part, what comes before the trials, how trials are given out."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


class ListeningTest(models.Model):
    """What raters meet besides the question. The defaults follow the protocol; every study has one."""

    class Headphones(models.TextChoices):
        NONE = "none", "no check"
        ANTIPHASE = "antiphase", "antiphase loudness (Woods 2017)"
        HUGGINS = "huggins", "Huggins pitch (Milne 2021)"

    class Design(models.TextChoices):
        STATIC = "static", "static: every trial gets its votes, the emptiest first"
        ACTIVE = "active", "active: pairs of arms by how much their next vote teaches"
        JUDGE = "judge", "judge: pairs of clips by how much their next vote teaches the study judge"

    study = models.OneToOneField("studies.Study", models.CASCADE, related_name="listening_test")
    title = models.CharField(
        max_length=120, blank=True, help_text="What raters see as its name. It must not say what is compared."
    )
    closed = models.BooleanField(default=False, help_text="Nobody new may begin; whoever began can finish.")

    providers = models.ManyToManyField(
        "listening.Provider", blank=True, help_text="Where raters may come from. None chosen: from anywhere."
    )
    panels = models.ManyToManyField(
        "accounts.Panel", blank=True, help_text="Members find the study on their page. Chosen panels alone may rate."
    )
    languages = ArrayField(
        models.CharField(max_length=10), default=list, blank=True, help_text="Of raters, as in en, de. Empty: any."
    )
    not_after = models.ManyToManyField(
        "studies.Study", blank=True, related_name="+", help_text="Whoever took part in one of these is turned away."
    )
    only_after = models.ManyToManyField(
        "studies.Study", blank=True, related_name="+", help_text="Only whoever completed one of these may begin."
    )
    least_quality = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="Share of attention checks passed in earlier studies, 0 to 1, of raters who had any.",
    )

    consent_text = models.TextField(
        blank=True, help_text="Your own words, as your review board wants them. Empty: the product's, translated."
    )
    consent_version = models.PositiveIntegerField(default=1, editable=False)
    qualification = models.JSONField(
        default=list,
        blank=True,
        help_text="Questions before the test, each with its options and those that are accepted.",
    )
    headphones = models.CharField(max_length=10, choices=Headphones, default=Headphones.ANTIPHASE)
    practice_trials = models.PositiveSmallIntegerField(
        default=5, validators=[MaxValueValidator(5)], help_text="From worst to best; not counted."
    )

    traps_per_ten = models.PositiveSmallIntegerField(default=1, validators=[MaxValueValidator(4)])
    gold_per_ten = models.PositiveSmallIntegerField(default=1, validators=[MaxValueValidator(4)])
    least_seconds = models.FloatField(
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(600)],
        help_text="A vote sooner than this after the trial appeared is refused, besides having to hear the clips.",
    )
    most_seconds = models.PositiveIntegerField(
        default=900,
        validators=[MinValueValidator(60)],
        help_text="A trial that nobody answers for so long may be given to somebody else.",
    )
    session_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="A session times out after this. Empty: it can be continued the next day."
    )
    break_every = models.PositiveSmallIntegerField(default=20, help_text="Trials between offered breaks; 0: none.")

    design = models.CharField(max_length=10, choices=Design, default=Design.STATIC)
    votes_wanted = models.PositiveIntegerField(
        null=True, blank=True, help_text="Votes in all, after which the test is full. Empty: all that trials need."
    )

    comment_asked = models.BooleanField(default=True, help_text="A free comment at the end.")
    reward = models.DecimalField(
        max_digits=8, decimal_places=2, null=True, blank=True, help_text="For one completed session."
    )
    currency = models.CharField(max_length=3, default="USD")
    retention_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        default=365,
        help_text="Days after a session's end after which nothing points to the person any more. Empty: kept.",
    )

    class Meta:
        verbose_name = "listening test"

    def __str__(self) -> str:
        return f"Listening test of {self.study}"
