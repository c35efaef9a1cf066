"""What people do to studies goes into the audit trail too, which outlives the study and its own history."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts.audit import Kind, note
from studies.models import Event, Study


@receiver(post_save, sender=Event)
def done(instance: Event, created: bool, **_: Any) -> None:
    if created and instance.by:
        note(Kind.STUDY, f"{instance.study.slug}: {instance.text}", by=instance.by)


@receiver(post_delete, sender=Study)
def deleted(instance: Study, **_: Any) -> None:
    note(Kind.STUDY, f"{instance.slug}: deleted.")
