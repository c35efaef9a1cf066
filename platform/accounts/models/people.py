"""Researchers: who they are, their teams, their scripts' tokens."""

import hashlib
import secrets

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import salted_hmac


class User(AbstractUser):
    """A researcher. Raters are not users: a crowd provider's id is who they are.

    second_factor_since: signing in takes a code from a device, or a recovery code, since then.
    """

    second_factor_since = models.DateTimeField("second factor since", null=True, blank=True, editable=False)

    def _get_session_auth_hash(self, secret=None) -> str:
        """Of another password, or another second factor, sessions elsewhere know nothing: they end."""
        if self.second_factor_since is None:
            return super()._get_session_auth_hash(secret=secret)  # type: ignore[misc, attr-defined]
        value = f"{self.password}{self.second_factor_since.isoformat()}"
        return salted_hmac("accounts.User.session", value, secret=secret, algorithm="sha256").hexdigest()


class Team(models.Model):
    """Owns prompt sets and studies; its members see them, nobody else does."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    second_factor = models.BooleanField(
        "second factor required",
        default=False,
        db_default=False,
        help_text="Its members must sign in with a code from a device too. Whoever has none yet is asked to set it up.",
    )
    members = models.ManyToManyField(User, through="Membership", related_name="teams")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner"
        EDITOR = "editor"
        VIEWER = "viewer"

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.EDITOR)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_membership_a_team_and_user")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} as {self.role}"


def reading() -> list[str]:
    """The scopes of a token that nobody chose any for."""
    return ["read", "export"]


class ApiToken(models.Model):
    """A script's key to some of what its user may do. Only a hash is kept: the key itself is shown once.

    busy_until: up to when its requests fill the rate that it may have; see results/api/throttle.py.
    """

    class Scope(models.TextChoices):
        READ = "read", "read: results, rows and clips, a page at a time"
        WRITE = "write", "write: make prompt sets and studies, launch, pause, retry, cancel"
        EXPORT = "export", "export: whole studies as files"

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), default=reading, db_default=["read", "export"])
    studies = ArrayField(
        models.SlugField(max_length=80),
        default=list,
        db_default=[],
        blank=True,
        help_text="Slugs. Empty: all that its user may see.",
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    busy_until = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.user})"

    @staticmethod
    def digest_of(key: str) -> str:
        return hashlib.sha256(key.encode()).hexdigest()

    @classmethod
    def issue(cls, user: User, name: str, expires_at=None, **limits) -> tuple["ApiToken", str]:
        """A new token and its key, which cannot be shown again. limits: scopes, studies."""
        key = f"aud_{secrets.token_urlsafe(32)}"
        return cls.objects.create(user=user, name=name, digest=cls.digest_of(key), expires_at=expires_at, **limits), key

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    @property
    def expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


class IdempotencyKey(models.Model):
    """A write that a script may send twice and that is done once; what it was answered is kept for a day.

    fingerprint: of method, address and body. status: of the answer, empty while it is under way.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="idempotency_keys")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    location = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_write_a_user_and_key")]

    def __str__(self) -> str:
        return f"{self.key} of {self.user_id}"
