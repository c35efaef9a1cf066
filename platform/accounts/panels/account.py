"""What somebody may do with their own account."""

from __future__ import annotations

from functools import partial

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from accounts.models import PanelMember, RaterAccount
from accounts.panels import mail


@transaction.atomic
def set_password(*, account: RaterAccount, password: str) -> None:
    """Sets it, signs other browsers out and tells the owner. Raises ValidationError for one that is easily guessed."""
    validate_password(password, account)  # type: ignore[arg-type]
    account.set_password(password)
    _save(account, "password_set")


@transaction.atomic
def remove_password(*, account: RaterAccount) -> None:
    """From here on they sign in by e-mail alone."""
    account.set_unusable_password()
    _save(account, "password_removed")


def _save(account: RaterAccount, notice: str) -> None:
    account.save(update_fields=["password"])
    transaction.on_commit(partial(mail.send_apart, mail.letter(account.email, notice, account.language)))


@transaction.atomic
def change_language(*, account: RaterAccount, language: str) -> None:
    account.language = language
    account.save(update_fields=["language"])


@transaction.atomic
def delete_account(*, account: RaterAccount) -> None:
    """Deletes the account, its memberships and invitations to its address elsewhere. The rater stays: see erase."""
    letter = mail.letter(account.email, "deleted", account.language)
    PanelMember.objects.filter(email=account.email).delete()
    account.delete()
    transaction.on_commit(partial(mail.send_apart, letter))
