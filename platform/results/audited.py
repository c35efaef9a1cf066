"""Where studies are told to the outside goes into the audit trail."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts.audit import Kind, note
from results.models import Webhook


@receiver(post_save, sender=Webhook)
def told(instance: Webhook, created: bool, **_: Any) -> None:
    state = "made" if created else f"changed: {'on' if instance.active else 'off'}"
    note(Kind.WEBHOOK, f"Webhook of team {instance.team} to {instance.url} {state}.")


@receiver(post_delete, sender=Webhook)
def told_no_more(instance: Webhook, **_: Any) -> None:
    note(Kind.WEBHOOK, f"Webhook of team {instance.team} to {instance.url} deleted.")
