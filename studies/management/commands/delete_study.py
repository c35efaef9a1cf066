"""Deletes a study that is over, with its votes, and with the sounds that were made for it alone."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from studies import actions, clearing, keeping
from studies.errors import StudyError
from studies.models import Study


class Command(BaseCommand):
    help = (
        "Deletes a study and all that was made for it alone: votes, rewrites, clips, scores, checkpoints, and their "
        "files, from the database and from S3-compatible storage. Export it before."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help="its slug")
        parser.add_argument("--yes", action="store_true", help="without this nothing is deleted")

    def handle(self, *args, study: str, yes: bool, **options) -> None:
        found = Study.objects.filter(slug=study).first()
        if found is None:
            raise CommandError(f"There is no study {study!r}.")
        if not yes:
            raise CommandError(f"“{found}” and everything that people voted in it would be gone: say --yes.")
        try:
            names = actions.delete(study=found)
            cleared = clearing.clear(names)
        except StudyError as error:
            raise CommandError(str(error)) from error
        except keeping.BusyError as error:
            raise CommandError(f"The study is deleted, its files are not: run clear_audio later. {error}") from error
        self.stdout.write(f"Deleted {found} and {cleared} of its {len(names)} files; clear_audio deletes later ones.")
