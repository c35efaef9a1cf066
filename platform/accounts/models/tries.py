"""Tries to sign in: counted in the database, because a cache of its own in every web process would be no limit."""

from django.db import models


class Tries(models.Model):
    """key: a keyed hash of who was tried and from where; neither a name nor an address is kept."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "tries"

    def __str__(self) -> str:
        return f"{self.count} tries"
