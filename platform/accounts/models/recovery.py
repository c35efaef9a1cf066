"""Codes for whoever has lost their second factor."""

import hashlib

from django.db import models


class RecoveryCode(models.Model):
    """Works once. Only a hash is kept: the codes are shown once."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="one_recovery_code_a_user_and_digest")]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"

    @staticmethod
    def digest_of(code: str) -> str:
        """However it was typed: case, blanks and hyphens do not matter."""
        return hashlib.sha256("".join(code.lower().replace("-", " ").split()).encode()).hexdigest()
