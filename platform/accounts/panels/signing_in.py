"""Signing in: by a link that is sent on request, or by a password. Neither says which addresses have an account."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q

from accounts.models import RaterAccount
from accounts.panels import links, mail
from accounts.panels.errors import LinkUsed, WrongPassword
from accounts.tries import Try, forget

BETWEEN_LINKS = timedelta(minutes=1)


@transaction.atomic
def send_sign_in_link(*, email: str, site: str, now: datetime) -> None:
    """Writes to the address if it has an account, at most once a minute."""
    account = RaterAccount.objects.filter(email=email.lower()).first()
    # For an unknown address everything is done too, and thrown away: the answer takes as long.
    to = account or RaterAccount(pk=0, email=email)
    link = mail.address(site, "link", links.token_for(to))
    minutes = int(links.VALID.total_seconds() // 60)
    letter = mail.letter(to.email, "sign_in", to.language, link=link, minutes=minutes)
    rested = Q(link_sent_at=None) | Q(link_sent_at__lte=now - BETWEEN_LINKS)
    if RaterAccount.objects.filter(rested, pk=to.pk).update(link_sent_at=now):
        transaction.on_commit(partial(mail.send_apart, letter))


@transaction.atomic
def sign_in_by_link(*, token: str, now: datetime, place: str = "") -> RaterAccount:
    """Uses the link up. Raises LinkUsed, also for the second of two who use it at once."""
    account = links.account_of(token)
    unused = RaterAccount.objects.filter(pk=account.pk, last_login=account.last_login, password=account.password)
    if not unused.update(last_login=now):
        raise LinkUsed
    forget("panel", account.email, place)
    account.last_login = now
    return account


def sign_in_by_password(*, email: str, password: str, now: datetime, place: str = "") -> RaterAccount:
    """place: the client's address. Raises WrongPassword; after five in a row also for a right one, for a while."""
    tried = Try("panel", email, place, now)
    account = RaterAccount.objects.select_related("rater").filter(email=email.lower()).first()
    if account is None:
        RaterAccount().set_password(password)  # takes the time that checking one takes
        raise WrongPassword
    if not account.check_password(password) or not tried.allowed:
        raise WrongPassword
    tried.right()
    RaterAccount.objects.filter(pk=account.pk).update(last_login=now)
    account.last_login = now
    return account
