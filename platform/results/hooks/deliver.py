"""Sends what waits to be told. At least once, under one id; anything but 2xx is tried again, later each time."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import httpcore
from django.db import transaction
from standardwebhooks import Webhook as Signer

from results.hooks import guard
from results.models import Delivery, Webhook
from studies import clock

# Minutes after each failed try; then it is given up: more than a day, so that a weekend's night is survived.
PAUSES = (0.2, 1, 5, 30, 120, 360, 720, 1440)
AT_ONCE = 20  # of one task: a worker also has studies to serve
HELD = timedelta(minutes=2)  # whoever sends it; then somebody else does
SHOWN = 1_000  # bytes of an answer
GONE = 410
LOST = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.UnsupportedProtocol)


def deliver(most: int = AT_ONCE) -> int:
    """What is due; how many were sent."""
    for count in range(most):
        delivery = _claimed()
        if delivery is None:
            return count
        _send(delivery)
    return most


@transaction.atomic
def _claimed() -> Delivery | None:
    now = clock.now()
    due = Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=now).order_by("next_at")
    delivery = due.select_for_update(skip_locked=True).select_related(None).first()
    if delivery:
        delivery.attempts, delivery.next_at = delivery.attempts + 1, now + HELD
        delivery.save(update_fields=["attempts", "next_at"])
    return delivery


def _send(delivery: Delivery) -> None:
    began = time.monotonic()
    delivery.status, delivery.answer, delivery.error = None, "", ""
    try:
        status, answer = guard.post(delivery.webhook.url, delivery.body.encode(), headers(delivery), SHOWN)
        delivery.status, delivery.answer = status, answer.decode(errors="replace").replace("\0", "")
    except (*LOST, OSError, ValueError) as error:  # ValueError: an address that no connection can be made to
        delivery.error = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    delivery.seconds = time.monotonic() - began
    _record(delivery, clock.now())


def headers(delivery: Delivery) -> dict[str | bytes, str | bytes]:
    """As Standard Webhooks has them; the time is that of the try."""
    now, uid = clock.now(), f"msg_{delivery.uid.hex}"
    signature = Signer(delivery.webhook.secret).sign(uid, now, delivery.body)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Audionese",
        "webhook-id": uid,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }


def _record(delivery: Delivery, now: datetime) -> None:
    if delivery.status is not None and 200 <= delivery.status < 300:
        delivery.state, delivery.delivered_at = Delivery.State.DELIVERED, now
    elif delivery.status == GONE or delivery.attempts > len(PAUSES):
        delivery.state = Delivery.State.FAILED
    else:
        delivery.next_at = now + timedelta(minutes=PAUSES[delivery.attempts - 1])
    delivery.save()
    if delivery.status == GONE:
        Webhook.objects.filter(pk=delivery.webhook_id).update(active=False)


def again(delivery: Delivery) -> None:
    """By hand: as if it were new, under its old id."""
    delivery.state, delivery.attempts, delivery.next_at = Delivery.State.WAITING, 0, clock.now()
    delivery.delivered_at = None
    delivery.save()
