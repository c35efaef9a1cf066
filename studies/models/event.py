"""What was done to a study: who, when, what. Written with the deed, never changed."""

from django.db import models


class Event(models.Model):
    """by: None where the product itself did it. changes: [{"field", "old", "new"}], as people read them."""

    study = models.ForeignKey("studies.Study", models.CASCADE, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey("accounts.User", models.SET_NULL, related_name="+", null=True, blank=True)
    text = models.CharField(max_length=300)
    changes = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.text
