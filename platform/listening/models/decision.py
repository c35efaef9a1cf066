"""A decision about a session: whether to pay it, whether to use it. Two decisions, each logged with its reasons."""

from django.db import models


class Decision(models.Model):
    """The newest of each kind holds; older ones stay, so that nobody is dropped silently or for good."""

    class About(models.TextChoices):
        PAY = "pay"
        USE = "use"

    session = models.ForeignKey("listening.Session", models.CASCADE, related_name="decisions")
    about = models.CharField(max_length=3, choices=About)
    value = models.BooleanField()
    reasons = models.JSONField(default=list, help_text="Which rules spoke and what they found: rule and text each.")
    by = models.ForeignKey(
        "accounts.User", models.SET_NULL, related_name="+", null=True, blank=True, help_text="Empty: the rules."
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{'' if self.value else 'not '}{self.about} session {self.session_id}"
