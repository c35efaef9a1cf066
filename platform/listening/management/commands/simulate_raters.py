from django.core.management.base import BaseCommand, CommandError

from listening import query, simulation
from listening.listeners import CROWDS
from studies.models import Study


class Command(BaseCommand):
    help = "Lets programs vote on a study's trials by the sandbox's ground truth. They are marked as simulated."

    def add_arguments(self, parser) -> None:
        parser.add_argument("study", help="Slug of a completed study.")
        parser.add_argument("--raters", type=int, default=12)
        parser.add_argument(
            "--crowd", default="", help="Kinds of raters instead of their number, as in careful:12,random:2,always-a:1."
        )
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args, study: str, raters: int, seed: int, crowd: str, **options) -> None:
        found = Study.objects.filter(slug=study).first()
        if found is None:
            raise CommandError(f"There is no study {study!r}.")
        if raters < 1:
            raise CommandError("--raters must be at least 1.")
        if not found.trials.exists():
            raise CommandError(f"{found} has no trials yet: they open when it is complete.")
        kinds = _crowd(crowd) if crowd else {"": raters}
        try:
            given = sum(_listen(found, kind, many, seed) for kind, many in kinds.items())
        except simulation.NothingToPreferBy as error:
            raise CommandError(str(error)) from error
        filled = query.progress(found, simulated=True)
        self.stdout.write(
            f"{given} votes by {sum(kinds.values())} simulated raters; "
            f"{filled.votes} of {filled.votes_needed} are there now."
        )


def _listen(study: Study, kind: str, raters: int, seed: int) -> int:
    listener = CROWDS[kind]() if kind else None
    return simulation.simulate(
        study=study, raters=raters, seed=seed, listener=listener, name=f"{kind}-" if kind else ""
    )


def _crowd(text: str) -> dict[str, int]:
    """careful:12,random:2 by kind. Raises CommandError for what is not that."""
    crowd = {}
    for part in text.split(","):
        kind, _, many = part.strip().partition(":")
        if kind not in CROWDS or not many.isdigit() or not int(many):
            raise CommandError(f"--crowd: {part!r} is not a kind ({', '.join(CROWDS)}), a colon and a number.")
        crowd[kind] = int(many)
    return crowd
