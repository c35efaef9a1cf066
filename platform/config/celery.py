"""The Celery app. A message only says "there is work": the database decides what it is."""

import os
from typing import Any

from celery import Celery
from celery.signals import after_task_publish
from django.conf import settings

from config import folder
from config.observability import tasks  # noqa: F401 - its signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

folder.use()
app = Celery("audionese")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["inference", "listening", "results"])


@after_task_publish.connect(sender="inference.tasks.sweep")
def _beat_is_alive(**_: Any) -> None:
    """For a health check: beat has reached the broker."""
    (settings.DATA / "beat-alive").touch()
