"""Deletes audio and weights that no study names any more."""

from argparse import ArgumentParser
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError

from studies import clearing, keeping


class Command(BaseCommand):
    help = (
        "Deletes files that no clip and no checkpoint names, in the database and in S3-compatible storage, and objects "
        "under AUDIO_S3_PREFIX that the database knows nothing of."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--older-than", type=float, default=24, metavar="HOURS", help="what is younger stays (24)")

    def handle(self, *args, older_than: float, **options) -> None:
        try:
            cleared = clearing.clear_all(timedelta(hours=older_than))
        except keeping.BusyError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Deleted {cleared.files} files, and {cleared.objects} objects without a row.")
