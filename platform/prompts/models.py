"""Prompt sets and prompts, exactly as given."""

from django.db import models
from django.db.models.functions import MD5


class PromptSet(models.Model):
    """Prompts that are studied together. Frozen once a launched study uses it."""

    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="prompt_sets")
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    description = models.TextField(blank=True)
    language = models.CharField(max_length=12, default="en", help_text="BCP 47, as in en or pt-BR.")
    licence = models.CharField(max_length=120, blank=True)
    version = models.PositiveSmallIntegerField(default=1, db_default=1, editable=False)
    previous = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="next",
        help_text="The version that this one began as a copy of.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    frozen_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name", "version"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(version=1, previous__isnull=True) | models.Q(version__gt=1, previous__isnull=False),
                name="prompt_set_later_version_has_a_previous_one",
            )
        ]

    def __str__(self) -> str:
        return self.name if self.version == 1 else f"{self.name}, version {self.version}"


class Prompt(models.Model):
    """One prompt. Open ones are what users type; expert ones are rich captions, used as exemplars and controls."""

    class Kind(models.TextChoices):
        OPEN = "open"
        EXPERT = "expert"

    class Split(models.TextChoices):
        TRAIN = "train"
        VALIDATION = "validation"
        TEST = "test"

    prompt_set = models.ForeignKey(PromptSet, models.CASCADE, related_name="prompts")
    position = models.PositiveIntegerField(help_text="Its place in the set, counted from 1.")
    text = models.TextField()
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.OPEN)
    split = models.CharField(max_length=10, choices=Split, default=Split.TEST)
    scene = models.CharField(max_length=80, blank=True, help_text="Prompts of one scene stay in one split.")
    tags = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["prompt_set", "position"]
        constraints = [
            models.UniqueConstraint(fields=["prompt_set", "position"], name="one_prompt_a_position"),
            # By hash: a B-tree entry cannot hold a long prompt.
            models.UniqueConstraint("prompt_set", MD5("text"), "kind", name="one_prompt_a_text_and_kind"),
            models.CheckConstraint(condition=~models.Q(text=""), name="prompt_has_text"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Upload(models.Model):
    """A file between its preview and the decision to import it. One a person and set; forgotten after a day."""

    prompt_set = models.ForeignKey(PromptSet, models.CASCADE, related_name="uploads")
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=200)
    checksum = models.CharField(max_length=64)
    content = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prompt_set", "user"], name="one_upload_a_person_and_set")]

    def __str__(self) -> str:
        return self.name
