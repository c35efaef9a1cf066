from django.core.management.base import BaseCommand, CommandError

from listening.actions.train_judge import train_judge
from listening.actions.use_judge import use_judge
from studies.errors import StudyError
from studies.models import EngineSpec, Study


class Command(BaseCommand):
    help = "Trains a judge on a study's own votes, and tells how it does on prompts that it did not learn from."

    def add_arguments(self, parser) -> None:
        parser.add_argument("study", help="Slug of a study that was voted on.")
        parser.add_argument(
            "--scorer",
            action="append",
            default=[],
            metavar="SLUG",
            help="an engine on whose embeddings it stands; again for another one. The study's evaluation scorer, "
            "where none is named.",
        )
        parser.add_argument("--seed", type=int, default=1, help="of the folds and of the curve's draws")
        parser.add_argument("--use", action="store_true", help="make it a scorer that studies can choose")

    def handle(self, *args, study: str, scorer: list[str], seed: int, use: bool, **options) -> None:
        found = Study.objects.filter(slug=study).first()
        if found is None:
            raise CommandError(f"There is no study {study!r}.")
        specs = {spec.slug: spec for spec in EngineSpec.objects.filter(slug__in=scorer)}
        if unknown := [slug for slug in scorer if slug not in specs]:
            raise CommandError(f"There is no engine {', '.join(unknown)}.")
        try:
            judge = train_judge(study=found, by=None, scorers=[specs[slug] for slug in scorer], seed=seed)
        except StudyError as error:
            raise CommandError("; ".join(text for texts in error.messages.values() for text in texts)) from error
        told = judge.measured
        self.stdout.write(
            f"{told['votes']} votes on {told['pairs']} pairs of {told['prompts']} prompts. Correlation with held-out "
            f"votes: judge {told['judge']['correlation']:.3f}, CLAP {told['clap']['correlation']:.3f}, "
            f"gain {told['gain']:+.3f} ({told['gain_interval'][0]:+.3f} to {told['gain_interval'][1]:+.3f})."
        )
        if use:
            self.stdout.write(f"Other studies can choose {use_judge(judge=judge, by=None).slug}.")
