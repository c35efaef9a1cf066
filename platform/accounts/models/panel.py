"""An invited panel: raters who have an account. Crowd raters need none."""

import secrets

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


def invitation() -> str:
    return secrets.token_urlsafe(24)


class RaterAccount(AbstractBaseUser):
    """A way for an invited rater to sign in; no researcher, and no way into the admin.

    What is known of them is what studies need: an address to reach them, and the language they rate in.
    """

    email = models.EmailField(unique=True, help_text="In lower case.")
    rater = models.OneToOneField("accounts.Rater", models.CASCADE, related_name="account")
    language = models.CharField(max_length=10, blank=True, help_text="A language code, as in de; empty: the browser's.")
    created_at = models.DateTimeField(auto_now_add=True)
    # Kept here: a cache of its own in every web process would be no limit. Passwords are limited by accounts/tries.py.
    link_sent_at = models.DateTimeField(null=True, blank=True, editable=False)

    USERNAME_FIELD = EMAIL_FIELD = "email"

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="account_email_is_lower")]

    def __str__(self) -> str:
        return f"account {self.pk}"


class Panel(models.Model):
    """A team's list of people who may be asked to rate."""

    team = models.ForeignKey("accounts.Team", models.CASCADE, related_name="panels")
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="one_panel_a_team_and_name")]

    def __str__(self) -> str:
        return self.name


class PanelMember(models.Model):
    """Somebody who was invited to a panel: known by address until they join, by their account from then on."""

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="members")
    email = models.EmailField(help_text="In lower case.")
    language = models.CharField(max_length=10, blank=True)
    token = models.CharField(max_length=40, unique=True, default=invitation, editable=False)
    account = models.ForeignKey(RaterAccount, models.CASCADE, related_name="memberships", null=True, blank=True)
    invited_at = models.DateTimeField(null=True, blank=True, help_text="When the invitation was last sent.")
    joined_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "email"], name="one_invitation_a_panel_and_address"),
            models.UniqueConstraint(fields=["panel", "account"], name="one_membership_a_panel_and_account"),
            models.CheckConstraint(
                condition=Q(account__isnull=True, joined_at__isnull=True)
                | Q(account__isnull=False, joined_at__isnull=False),
                name="panel_member_joined_has_an_account",
            ),
        ]

    def __str__(self) -> str:
        return self.email
