"""For an administrator who has lost device and recovery codes, and whom no other one can help."""

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.second_factor import factor


class Command(BaseCommand):
    help = "Takes the second factor off an account: it then signs in by its password alone."

    def add_arguments(self, parser) -> None:
        parser.add_argument("username")

    def handle(self, *args, **options) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError("Nobody has this username.")
        factor.take_away(user=user)
        self.stdout.write(f"{user} signs in by password alone, and is signed out everywhere.")
