"""What every work row has: an identity made of its content, a state, and a lease while a worker holds it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import models
from django.db.models import Q


def identity_of(**content: Any) -> str:
    """sha256 of the content in canonical JSON: two rows that ask for the same thing are one row."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


class Work(models.Model):
    """A thing an engine makes once. Waiting rows are the queue; a running row's lease says who works on it.

    `studies_path` is the lookup from this table to the studies that want the row; subclasses set it.
    `group_fields` are the columns that rows of one engine call share; `engine_field` is the one that names the engine;
    `needs` are the rows an engine call reads besides its own.
    """

    studies_path: str
    group_fields: tuple[str, ...]
    engine_field: str
    needs: tuple[str, ...] = ()

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    identity = models.CharField(max_length=64, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    worker = models.CharField(max_length=120, blank=True)
    error = models.TextField(blank=True)
    seconds = models.FloatField(null=True, blank=True, help_text="This row's share of its engine call, in seconds.")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running", lease__isnull=False, leased_until__isnull=False)
                | (~Q(state="running") & Q(lease__isnull=True, leased_until__isnull=True)),
                name="%(class)s_is_leased_while_running",
            ),
            models.CheckConstraint(
                condition=(Q(state="failed") & ~Q(error="")) | ~Q(state="failed"),
                name="%(class)s_failure_has_a_reason",
            ),
        ]
        indexes = [
            # Only unfinished rows: the queue stays small however large the table grows.
            models.Index(fields=["id"], condition=~Q(state="done"), name="%(class)s_queue"),
            # What was made last: pages that watch a study ask for it every few seconds.
            models.Index(fields=["-finished_at"], condition=Q(state="done"), name="%(class)s_newest"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk} ({self.state})"

    @property
    def settled(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)
