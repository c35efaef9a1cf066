"""`python manage.py reproduce_bundle BUNDLE.zip --team SLUG`: a study run again, and what comes out otherwise."""

from __future__ import annotations

import json
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tabulate import tabulate

from accounts.models import Team
from results.bundles import again
from results.bundles.archive import Archive
from results.bundles.errors import BundleError
from studies.errors import StudyError
from studies.models import Study
from studies.progress import progress

EVERY = 1.0  # seconds between looks
ENDED = (Study.Status.COMPLETE, Study.Status.CANCELLED, Study.Status.PAUSED)


class Command(BaseCommand):
    help = (
        "Makes a study again from its bundle, every rewrite, sound and score anew, by the workers that run, and "
        "says what differs. Ends with 1 where something does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("bundle", type=Path)
        parser.add_argument("--team", required=True, help="Slug of the team that the new study shall belong to.")
        parser.add_argument("--study", help="Slug of a study that was begun so before: go on waiting and compare.")
        parser.add_argument("--json", type=Path, dest="report", help="Write what was compared to this file too.")

    def handle(self, *args, bundle: Path, team: str, study: str | None, report: Path | None, **options) -> None:
        owner = Team.objects.filter(slug=team).first()
        if owner is None:
            raise CommandError(f"No team {team!r}: there are {', '.join(Team.objects.values_list('slug', flat=True))}.")
        try:
            archive = Archive(bundle)
            archive.check()
            made = Study.objects.get(slug=study, team=owner) if study else again.begin(archive, owner)
        except (BundleError, StudyError) as error:
            raise CommandError(str(error)) from error
        except Study.DoesNotExist:
            raise CommandError(f"The team {team} has no study {study!r}.") from None
        self.stdout.write(f"Study {made.slug} is under way. This may be stopped: `--study {made.slug}` goes on.")
        self._wait(made)
        try:
            self._tell(again.beside(archive, made), report)
        except BundleError as error:
            raise CommandError(str(error)) from error

    def _wait(self, study: Study) -> None:
        told = ""
        while study.status not in ENDED:
            line = "  ".join(f"{step.name} {step.done:,}/{step.total:,}" for step in progress(study) if step.total)
            if line != told:
                self.stdout.write(line)
                told = line
            time.sleep(EVERY)
            study.refresh_from_db()
        if study.status != Study.Status.COMPLETE:
            raise CommandError(f"The study is {study.status}: {study.status_reason or 'by hand'} Then `--study` again.")

    def _tell(self, compared: list[again.Compared], report: Path | None) -> None:
        rows = [
            (each.kind, each.compared, each.equal, each.only_in_bundle, each.only_here, each.largest)
            for each in compared
        ]
        heads = ("", "compared", "equal", "only in the bundle", "only here", "largest difference")
        self.stdout.write(tabulate(rows, headers=heads, missingval="–"))
        for example in (example for each in compared for example in each.examples):
            self.stdout.write(f"  {example}")
        if report:
            report.write_text(json.dumps([each._asdict() for each in compared], indent=2, ensure_ascii=False) + "\n")
        if not all(each.same for each in compared):
            raise CommandError("It did not come out the same.")
        self.stdout.write(self.style.SUCCESS("All of it came out the same."))
