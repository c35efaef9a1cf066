"""A file is kept between its preview and the decision, in the database: any web process can go on with it."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from prompts.models import PromptSet, Upload

FORGOTTEN_AFTER = timedelta(days=1)


@transaction.atomic
def keep_upload(*, by: User, prompt_set: PromptSet, name: str, content: bytes) -> Upload:
    """Replaces what the same person uploaded for the same set; what was never decided on goes after a day."""
    now = timezone.now()
    Upload.objects.filter(created_at__lt=now - FORGOTTEN_AFTER).delete()
    upload, _ = Upload.objects.update_or_create(
        prompt_set=prompt_set,
        user=by,
        defaults={
            "name": name[:200],
            "checksum": hashlib.sha256(content).hexdigest(),
            "content": content,
            "created_at": now,
        },
    )
    return upload


@transaction.atomic
def forget_upload(*, by: User, prompt_set: PromptSet) -> None:
    Upload.objects.filter(prompt_set=prompt_set, user=by).delete()
