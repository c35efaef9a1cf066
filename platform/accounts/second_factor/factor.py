"""The factor itself: begun, confirmed, checked, given up."""

from __future__ import annotations

import base64
import secrets

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import audit
from accounts.models import RecoveryCode, User
from accounts.tries import Try

CODES = 10
NAME = "authenticator"


def is_owed(user: User) -> bool:
    """Whether the user has yet to set one up: all have to, or a team of theirs asks for it."""
    asked = settings.SECOND_FACTOR_REQUIRED or getattr(user, "team_asks_for_factor", False)
    return bool(asked) and user.second_factor_since is None


def offered(user: User, key: str) -> TOTPDevice:
    """What the user's device is told; kept once it has proved that it knows it. key: 40 hexadecimal digits."""
    return TOTPDevice(user=user, name=NAME, key=key)


@transaction.atomic
def confirm(*, user: User, key: str, code: str) -> list[str]:
    """From here on signing in takes a code. Returns the recovery codes; none where the code is wrong."""
    User.objects.select_for_update().get(pk=user.pk)
    TOTPDevice.objects.filter(user=user).delete()
    if not offered(user, key).verify_token(code):
        transaction.set_rollback(True)  # a wrong code is written down at the device, which is not to be
        return []
    user.second_factor_since = timezone.now()
    user.save(update_fields=["second_factor_since"])
    audit.note(audit.Kind.FACTOR, f"Second factor of {user} set up.", by=user)
    return new_codes(user=user)


@transaction.atomic
def new_codes(*, user: User) -> list[str]:
    """80 bits each, as aaaa-bbbb-cccc-dddd; the ones before work no more."""
    plain = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=RecoveryCode.digest_of(one)) for one in plain)
    audit.note(audit.Kind.FACTOR, f"New recovery codes for {user}.", by=user)
    return ["-".join(one[at : at + 4] for at in range(0, 16, 4)) for one in plain]


def accepts(*, user: User, code: str, place: str) -> bool:
    """Whether the code is right, which uses it up. place: the client's address; five wrong ones make a pause."""
    tried = Try("code", str(user.pk), place)
    if not tried.allowed or not (_from_device(user, code) or _recovery(user, code)):
        return False
    tried.right()
    return True


@transaction.atomic
def _from_device(user: User, code: str) -> bool:
    """Locked, so that two who send the same code at once are not both right."""
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
    return device is not None and device.verify_token(code)


def _recovery(user: User, code: str) -> bool:
    unused = RecoveryCode.objects.filter(user=user, digest=RecoveryCode.digest_of(code), used_at=None)
    if not unused.update(used_at=timezone.now()):
        return False
    left = RecoveryCode.objects.filter(user=user, used_at=None).count()
    audit.note(audit.Kind.FACTOR, f"{user} used a recovery code; {left} are left.", by=user)
    return True


@transaction.atomic
def take_away(*, user: User, by: User | None = None) -> None:
    """Signing in takes the password alone again, and sessions end."""
    TOTPDevice.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    user.second_factor_since = None
    user.save(update_fields=["second_factor_since"])
    audit.note(audit.Kind.FACTOR, f"Second factor of {user} taken away.", by=by)
