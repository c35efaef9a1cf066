"""Who did what. The database itself refuses to change or to delete an entry (migration 0007)."""

from django.db import models


class AuditEntry(models.Model):
    """by: may be somebody whose account is gone; who: what they were called then, empty where the product acted."""

    class Kind(models.TextChoices):
        SIGN_IN = "sign-in", "sign-in"
        FACTOR = "factor", "second factor"
        KEY = "key", "API key"
        ROLE = "role", "role"
        ACCOUNT = "account", "account"
        EXPORT = "export", "export"
        PAYMENT = "payment", "payment list"
        ERASURE = "erasure", "erasure"
        STUDY = "study", "study"
        WEBHOOK = "webhook", "webhook"

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    by = models.ForeignKey("accounts.User", models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    who = models.CharField("by", max_length=150, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.CharField("what", max_length=300)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name, verbose_name_plural = "audit entry", "audit trail"

    def __str__(self) -> str:
        return self.text
