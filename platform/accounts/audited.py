"""What of this room goes into the audit trail by itself, whoever writes it: a page, a script or the shell."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver

from accounts.audit import Kind, note
from accounts.models import ApiToken, Membership, Team, User

RIGHTS = {"is_active": "active", "is_staff": "staff", "is_superuser": "administrator"}


@receiver(user_logged_in)
def signed_in(user: User, **_: Any) -> None:
    note(Kind.SIGN_IN, "Signed in.", by=user)


@receiver(user_logged_out)
def signed_out(user: User | None, **_: Any) -> None:
    if user:
        note(Kind.SIGN_IN, "Signed out.", by=user)


@receiver(post_save, sender=ApiToken)
def key_issued(instance: ApiToken, created: bool, **_: Any) -> None:
    may = f"{', '.join(instance.scopes)}; studies: {', '.join(instance.studies) or 'all'}"
    note(Kind.KEY, f"Key {instance.name!r} of {instance.user} {'issued' if created else 'changed'}: may {may}.")


@receiver(post_delete, sender=ApiToken)
def key_deleted(instance: ApiToken, **_: Any) -> None:
    note(Kind.KEY, f"Key {instance.name!r} of {instance.user} deleted.")


@receiver(post_save, sender=Membership)
def role_given(instance: Membership, **_: Any) -> None:
    note(Kind.ROLE, f"{instance.user} is {instance.role} of team {instance.team}.")


@receiver(post_delete, sender=Membership)
def role_taken(instance: Membership, **_: Any) -> None:
    note(Kind.ROLE, f"{instance.user} is in team {instance.team} no more.")


@receiver(pre_save, sender=User)
def before(instance: User, update_fields: frozenset[str] | None, **_: Any) -> None:
    """What the account was, where more is saved than when somebody was last here."""
    whole = update_fields is None or {"password", *RIGHTS} & set(update_fields)
    instance.was = User.objects.filter(pk=instance.pk).first() if whole and instance.pk else None  # type: ignore[attr-defined]


@receiver(post_save, sender=User)
def account_saved(instance: User, created: bool, **_: Any) -> None:
    was = getattr(instance, "was", None)
    changes = [] if created or was is None else list(_changes(was, instance))
    if created:
        held = [word for name, word in RIGHTS.items() if getattr(instance, name)]
        changes = [f"made: {', '.join(held)}"]
    for change in changes:
        note(Kind.ACCOUNT, f"Account {instance}: {change}.")


def _changes(was: User, now: User):
    if was.password != now.password:
        yield "another password"
    for name, word in RIGHTS.items():
        if getattr(was, name) != getattr(now, name):
            yield f"{word} {'on' if getattr(now, name) else 'off'}"


@receiver(post_delete, sender=User)
def account_deleted(instance: User, **_: Any) -> None:
    note(Kind.ACCOUNT, f"Account {instance}: deleted.")


@receiver(post_save, sender=Team)
def team_saved(instance: Team, created: bool, **_: Any) -> None:
    asks = "asks for a second factor" if instance.second_factor else "leaves the second factor to its members"
    note(Kind.ROLE, f"Team {instance} {'made' if created else 'changed'}: {asks}.")


@receiver(post_delete, sender=Team)
def team_deleted(instance: Team, **_: Any) -> None:
    note(Kind.ROLE, f"Team {instance} deleted.")
