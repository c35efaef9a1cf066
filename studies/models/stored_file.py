"""Files by name: audio and weights. Their bytes are here, or in S3-compatible storage."""

from django.db import models
from django.db.models import Q


class StoredFile(models.Model):
    """Every file has a row, wherever its bytes are: where to look is one question, and a file is moved by one update.

    Bytes are kept uncompressed and out of line, so that a range is read with `substring` without the rest. Where they
    are none, the object of this name in the bucket holds them. Bytes and `elsewhere` together: it is on its way, and
    an object in the bucket, if there is one, counts for nothing.
    """

    name = models.CharField(max_length=200, primary_key=True)
    content = models.BinaryField(null=True)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    elsewhere = models.BooleanField(default=False, db_default=False, help_text="There may be an object in the bucket.")
    created_at = models.DateTimeField(auto_now_add=True, help_text="When it was last saved.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(content__isnull=False) | (Q(elsewhere=True) & ~Q(sha256="")),
                name="stored_file_is_somewhere",
            )
        ]

    def __str__(self) -> str:
        return self.name
