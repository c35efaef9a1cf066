"""Moves audio and weights between PostgreSQL and S3-compatible storage, under way, and again after it was stopped."""

from argparse import ArgumentParser

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from studies import keeping
from studies.moving import Mover
from studies.storage import files


class Command(BaseCommand):
    help = (
        "Moves audio and weights to S3-compatible storage, or back to the database. Raters, workers and downloads go "
        "on meanwhile. Stop it whenever you like, by Ctrl-C or by force: run again, it goes on where it was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", choices=("s3", "database"), required=True)
        parser.add_argument("--threads", type=int, default=8, help="files on their way at once (default: 8)")

    def handle(self, *args, **options) -> None:
        storage, to = files(), options["to"]
        try:
            mover = Mover(storage.bucket, to == "s3", options["threads"], lambda size: bar.advance(task, size))
            with keeping.alone(), _progress() as bar:
                task = bar.add_task(f"to {to}", total=mover.left()[1])
                moved = mover.run()
        except (ImproperlyConfigured, keeping.BusyError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped: nothing is lost, and the same command goes on where it was.") from None
        self.stdout.write(f"{moved.files} files ({moved.bytes:,} bytes) moved to {to}; {mover.left()[0]} are left.")
        if storage.new_files != to:
            self.stdout.write(self.style.WARNING(f"New files still go to {storage.new_files}: see AUDIO_STORAGE."))
        if moved.faults:
            raise CommandError("These stayed where they are:\n" + "\n".join(moved.faults))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    )
