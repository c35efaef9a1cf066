"""Links that sign somebody in: once, and for half an hour.

A link is signed, and names the account as it is now: signing in, or a new password, makes every older link useless.
"""

from __future__ import annotations

from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import RaterAccount
from accounts.panels.errors import LinkUsed

VALID = timedelta(minutes=30)
SALT = "accounts.panels.sign_in"
_signer = TimestampSigner(sep=".", salt=SALT)


def token_for(account: RaterAccount) -> str:
    return _signer.sign(f"{account.pk}.{_state(account)}")


def account_of(token: str) -> RaterAccount:
    """Whom the link signs in. Raises LinkUsed."""
    try:
        pk, state = _signer.unsign(token, max_age=VALID).split(".")
    except (BadSignature, ValueError) as error:
        raise LinkUsed from error
    account = RaterAccount.objects.select_related("rater").filter(pk=pk).first()
    if account is None or not constant_time_compare(state, _state(account)):
        raise LinkUsed
    return account


def _state(account: RaterAccount) -> str:
    last = account.last_login.isoformat() if account.last_login else ""
    return salted_hmac(SALT, f"{account.email}/{account.password}/{last}", algorithm="sha256").hexdigest()[:32]
