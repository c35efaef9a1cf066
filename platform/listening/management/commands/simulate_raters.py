from django.core.management.base import BaseCommand, CommandError

from listening import query, simulation
from studies.models import Study


class Command(BaseCommand):
    help = "Lets programs vote on a study's trials by the sandbox's ground truth. They are marked as simulated."

    def add_arguments(self, parser) -> None:
        parser.add_argument("study", help="Slug of a completed study.")
        parser.add_argument("--raters", type=int, default=12)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args, study: str, raters: int, seed: int, **options) -> None:
        found = Study.objects.filter(slug=study).first()
        if found is None:
            raise CommandError(f"There is no study {study!r}.")
        if raters < 1:
            raise CommandError("--raters must be at least 1.")
        if not found.trials.exists():
            raise CommandError(f"{found} has no trials yet: they open when it is complete.")
        try:
            given = simulation.simulate(study=found, raters=raters, seed=seed)
        except simulation.NothingToPreferBy as error:
            raise CommandError(str(error)) from error
        filled = query.progress(found, simulated=True)
        self.stdout.write(
            f"{given} votes by {raters} simulated raters; {filled.votes} of {filled.votes_needed} are there now."
        )
