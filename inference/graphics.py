"""A worker on a graphics card does one thing at a time, or it does not start.

Every process of its pool would load the same weights onto the card again, and what is fetched ahead waits behind a slow
batch while other workers have nothing to do.
"""

from __future__ import annotations

from typing import Any

from celery.signals import celeryd_after_setup
from django.conf import settings

from inference import machine


def fault(concurrency: int, prefetch: int, cards: int) -> str:
    """Why a GPU worker of this shape must not start; nothing where it may."""
    if concurrency != 1:
        return f"A GPU worker needs --concurrency 1, not {concurrency}: set AUDIONESE_WORKER_PROCESSES=1."
    if prefetch != 1:
        return (
            f"A GPU worker needs --prefetch-multiplier 1, not {prefetch}: leave CELERY_WORKER_PREFETCH_MULTIPLIER at 1."
        )
    if not cards:
        return (
            "A GPU worker sees no graphics card: check the driver, and that the container gets the card (by NVIDIA's "
            "runtime). Unset AUDIONESE_GPU_WORKER to compute on the CPU."
        )
    return ""


@celeryd_after_setup.connect
def _refuse(sender: str, instance: Any, **_: Any) -> None:
    """instance: the worker. Signals swallow errors, but not the wish to end."""
    if not settings.GPU_WORKER:
        return
    concurrency = max(instance.autoscale) if instance.autoscale else instance.concurrency
    if reason := fault(concurrency, instance.prefetch_multiplier, len(machine.graphics_memory())):
        raise SystemExit(reason)
