"""What every study's retention asks for; to be run once a day."""

from django.core.management.base import BaseCommand

from listening.actions.forget_raters import forget_raters
from studies import clock


class Command(BaseCommand):
    help = "Clears sessions that ended longer ago than their study keeps them. Run again, it changes nothing."

    def handle(self, *args, **options) -> None:
        sessions, people = forget_raters(now=clock.now())
        self.stdout.write(f"{sessions} sessions cleared; {people} people are no longer known.")
