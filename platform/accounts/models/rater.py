"""A rater, known only by what a provider calls them; and the words they agreed to."""

import hashlib

from django.db import models


class Rater(models.Model):
    """Somebody who listens, known only by what the provider of raters calls them.

    Written on consent, never before: declining stores nothing about the person.
    """

    provider = models.CharField(max_length=40)
    external_id = models.CharField(max_length=200)
    simulated = models.BooleanField(
        default=False, help_text="A program that votes by the sandbox's ground truth; never mixed with people."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "external_id"], name="one_rater_a_provider_id")]

    def __str__(self) -> str:
        return f"{self.provider} rater {self.pk}"


class ConsentText(models.Model):
    """The exact words a rater agreed to, kept by checksum."""

    checksum = models.CharField(max_length=64, primary_key=True)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.checksum[:12]

    @classmethod
    def keep(cls, text: str) -> "ConsentText":
        return cls.objects.get_or_create(checksum=hashlib.sha256(text.encode()).hexdigest(), defaults={"text": text})[0]
