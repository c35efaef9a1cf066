"""Settings, addresses and the Celery app: the only room that knows all rooms.

No product logic belongs here.
"""

from config.celery import app as celery_app

__all__ = ["celery_app"]
