"""Erases one rater on request."""

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Rater
from listening.actions.erase import erase


class Command(BaseCommand):
    help = "Erases one rater: everything, or with --keep-votes everything that points to the person."

    def add_arguments(self, parser) -> None:
        parser.add_argument("provider", help="as in prolific, mturk, volunteer, panel")
        parser.add_argument("external_id", help="what the provider calls the person")
        parser.add_argument("--keep-votes", action="store_true", help="the votes stay, with nobody's name to them")

    def handle(self, *args, **options) -> None:
        rater = Rater.objects.filter(provider=options["provider"], external_id=options["external_id"]).first()
        if rater is None:
            raise CommandError("There is no such rater. The admin lists them by provider and id, under Raters.")
        erase(rater=rater, keep_votes=options["keep_votes"])
        self.stdout.write("Erased; the votes are kept without a name." if options["keep_votes"] else "Erased.")
