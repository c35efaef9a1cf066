"""Gives back what raters held who returned their work, or ran out of time, on their platform."""

from collections import Counter
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from listening.actions.close_returned import close_returned
from listening.models import Provider
from listening.submissions import BadList, read
from studies import clock
from studies.models import Study


class Command(BaseCommand):
    help = "Reads a platform's export of submissions and ends the sessions of those that were returned or timed out."

    def add_arguments(self, parser) -> None:
        parser.add_argument("study", help="Slug of a study.")
        parser.add_argument("file", type=Path, help="CSV with “Participant id” and “Status”, or alike.")
        parser.add_argument("--provider", default="prolific", help="Key of the provider, as in prolific, mturk, crowd.")

    def handle(self, *args, study: str, file: Path, provider: str, **options) -> None:
        found = Study.objects.filter(slug=study).first()
        if found is None:
            raise CommandError(f"There is no study {study!r}.")
        try:
            rows = read(file.read_bytes())
        except (OSError, BadList) as error:
            raise CommandError(str(error)) from error
        lines = close_returned(study=found, provider=_provider(provider), rows=rows, by=None, now=clock.now())
        for line in lines:
            one = line.submission
            self.stdout.write(f"{one.line}: {one.participant} {one.status}: {line.outcome}")
        counts = Counter(line.outcome for line in lines)
        self.stdout.write("; ".join(f"{n} {outcome}" for outcome, n in counts.items()) or "The file has no lines.")


def _provider(key: str) -> Provider:
    provider = Provider.objects.filter(key=key).first()
    if provider is None:
        known = ", ".join(Provider.objects.order_by("key").values_list("key", flat=True))
        raise CommandError(f"There is no provider {key!r}; there are: {known}.")
    return provider
