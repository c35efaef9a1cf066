"""`python manage.py import_bundle BUNDLE.zip --team SLUG`: a study that was made elsewhere, with all its numbers."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import Team
from results.bundles import comparing
from results.bundles.archive import Archive
from results.bundles.errors import BundleError, in_words
from results.bundles.fresh import Fresh, numbers
from results.bundles.restoring import restore, restore_audio
from studies.models import Study

SHOWN = 20


class Command(BaseCommand):
    help = "Restores a study from its bundle and computes its results again. Ends with 1 where they are not the same."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("bundle", type=Path)
        parser.add_argument("--team", required=True, help="Slug of the team that it shall belong to.")

    def handle(self, *args, bundle: Path, team: str, **options) -> None:
        owner = Team.objects.filter(slug=team).first()
        if owner is None:
            raise CommandError(f"No team {team!r}: there are {', '.join(Team.objects.values_list('slug', flat=True))}.")
        try:
            archive = Archive(bundle)
            self.stdout.write(f"Checking {len(archive.manifest['files']):,} files …")
            archive.check()
            self.stdout.write("Restoring …")
            with transaction.atomic():
                study, clips = restore(archive, owner), restore_audio(archive)
        except BundleError as error:
            raise CommandError(f"{error} Nothing was restored.") from error
        self.stdout.write(f"Restored as {study.slug}, with {clips:,} sounds. Computing its results again …")
        try:
            different = differences(archive, study)
        except BundleError as error:
            raise CommandError(f"{error} The study is here, and cannot be compared.") from error
        for difference in different[:SHOWN]:
            self.stdout.write(f"  {difference}")
        if different:
            raise CommandError(f"{len(different):,} numbers are not those of the bundle. {_why(archive)}")
        self.stdout.write(self.style.SUCCESS("Results, figures and tables are those of the bundle, to the last digit."))


def differences(archive: Archive, study: Study) -> list[comparing.Difference]:
    """Of all results, figures and tables between the bundle and what the restored rows say."""
    page = Fresh(study)
    csvs = [name for folder in ("figures", "tables") for name in archive.names(folder) if name.endswith(".csv")]
    with in_words("its figures and tables cannot be read"):
        was = {name: archive.bytes(name).decode() for name in csvs}
    with in_words("results.json cannot be read"):
        said = dict(archive.json("results.json"))
    return comparing.results(said, page.results) + comparing.numbers(was, numbers(page))


def _why(archive: Archive) -> str:
    told = ", ".join(f"{name} {version}" for name, version in archive.manifest["software"].items())
    return f"It was computed with {told}."
