"""Who is told what becomes of studies, and what was told."""

from __future__ import annotations

import secrets
import uuid
from base64 import b64encode

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


def new_secret() -> str:
    """As Standard Webhooks writes them: 256 random bits."""
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


class Webhook(models.Model):
    """An address that is told of a team's studies. What it is told is signed, so that it knows who speaks."""

    class Event(models.TextChoices):
        LAUNCHED = "study.launched"
        PAUSED = "study.paused", "study.paused: by somebody, or by itself when too much failed"
        RESUMED = "study.resumed"
        COMPLETED = "study.completed", "study.completed: every row of work is settled"
        CANCELLED = "study.cancelled"
        VOTES = "votes.complete", "votes.complete: every trial has the votes of people that it needs"

    team = models.ForeignKey("accounts.Team", models.CASCADE, related_name="webhooks")
    url = models.CharField("address", max_length=500, help_text="https://… that takes a POST.")
    events = ArrayField(models.CharField(max_length=20, choices=Event))
    study = models.ForeignKey(
        "studies.Study", models.CASCADE, related_name="webhooks", null=True, blank=True, help_text="Empty: all studies."
    )
    active = models.BooleanField(
        default=True, help_text="Off: nothing is told. An address that answers 410 is turned off."
    )
    secret = models.CharField(max_length=80, default=new_secret, editable=False)
    created_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, related_name="+", null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One thing told to one address: what exactly, and what came of it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed", "given up"

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="The same at every try.")
    event = models.CharField(max_length=20)
    study = models.ForeignKey("studies.Study", models.CASCADE, related_name="deliveries", null=True, blank=True)
    body = models.TextField(help_text="JSON, as it is signed and sent.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(help_text="Of the next try.")
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="HTTP status of the last answer.")
    answer = models.TextField(blank=True, help_text="The beginning of it.")
    error = models.TextField(blank=True, help_text="Why there was none.")
    seconds = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["next_at"], condition=Q(state="waiting"), name="deliveries_to_make")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="delivered", delivered_at__isnull=False)
                | (~Q(state="delivered") & Q(delivered_at__isnull=True)),
                name="delivered_has_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"
