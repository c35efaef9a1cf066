"""Bytes in PostgreSQL: audio and weights, by name."""

from django.db import models


class StoredFile(models.Model):
    """Kept uncompressed and out of line, so that a byte range is read with `substring` without the rest."""

    name = models.CharField(max_length=200, primary_key=True)
    content = models.BinaryField()
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
