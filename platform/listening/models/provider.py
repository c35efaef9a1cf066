"""A provider of raters, as data: how its links name people, and where people go at the end."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Provider(models.Model):
    """Where raters come from. Another platform is another row."""

    class HandIn(models.TextChoices):
        REDIRECT = "redirect", "a link back to the platform"
        MTURK = "mturk", "MTurk's external question: a form posted back"
        CODE = "code", "the code alone"

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    person_parameter = models.CharField(
        max_length=40, blank=True, help_text="Of the link: says who comes. Empty: a volunteer, known by this browser."
    )
    person_placeholder = models.CharField(
        max_length=80, blank=True, help_text="What the platform replaces in the recruitment link."
    )
    visit_parameters = models.JSONField(
        default=dict, blank=True, help_text="Further parameters that payment needs, and their placeholders."
    )
    preview_parameter = models.CharField(max_length=40, blank=True)
    preview_value = models.CharField(max_length=80, blank=True, help_text="Says that somebody only looks at the task.")
    hand_in = models.CharField(max_length=10, choices=HandIn, default=HandIn.CODE)
    completed_url = models.CharField(max_length=300, blank=True, help_text="{code} is replaced by the code.")
    screened_url = models.CharField(max_length=300, blank=True, help_text="Empty: as completed.")
    left_url = models.CharField(max_length=300, blank=True, help_text="Empty: as completed.")
    one_code = models.BooleanField(
        default=False, help_text="The platform knows one code a study and outcome; else each session has its own."
    )
    returned_statuses = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="What its list of submissions calls work that was given back or timed out.",
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(hand_in="redirect") | ~Q(completed_url=""), name="provider_redirects_somewhere"
            )
        ]

    def __str__(self) -> str:
        return self.name
