from django.core.management.base import BaseCommand, CommandError

from listening.actions.train_judge import train_judge
from listening.judging.material import gather
from listening.judging.trying import grown, undone, voted
from listening.listeners import CROWDS
from studies.models import Study

SIZES = (40, 80, 120, 160, 200)
LEARNED = 300
HEAD = f"""| raters | seed | votes | CLAP | judge | gain | judge from {LEARNED} votes | log loss, CLAP → judge |
|---|--:|--:|--:|--:|--:|--:|--:|"""


class Command(BaseCommand):
    help = (
        "Tells how much a judge gains over CLAP on a study of the sandbox, by crowds of simulated raters: Markdown. "
        "Votes are given, judges trained, and all of it taken back."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("study", help="Slug of a completed study with an oracle.")
        parser.add_argument("--crowds", default="careful,opinionated")
        parser.add_argument("--seeds", type=int, default=5)
        parser.add_argument("--prompts", type=int, default=33)
        parser.add_argument("--votes-per-trial", type=int, default=3)
        parser.add_argument("--choosing", action="store_true", help="also votes by what they teach, beside at random")

    def handle(
        self,
        *args,
        study: str,
        crowds: str,
        seeds: int,
        prompts: int,
        votes_per_trial: int,
        choosing: bool,
        **options,
    ) -> None:
        found = Study.objects.filter(slug=study, oracle__isnull=False).first()
        kinds = crowds.split(",")
        if found is None or set(kinds) - set(CROWDS):
            raise CommandError(f"A study with an oracle, and crowds of {', '.join(CROWDS)}.")
        self.stdout.write(HEAD)
        for kind in kinds:
            for seed in range(1, seeds + 1):
                with undone():
                    self.stdout.write(_row(voted(found, kind, seed, prompts, votes_per_trial), kind, seed))
        if choosing:
            self.stdout.write("\n| raters | taken | " + " | ".join(f"{n} votes" for n in SIZES) + " |")
            self.stdout.write("|---|---|" + "--:|" * len(SIZES))
            for kind in kinds:
                with undone():
                    self._choosing(voted(found, kind, 1, prompts, votes_per_trial), kind, seeds)

    def _choosing(self, study: Study, kind: str, seeds: int) -> None:
        material = gather(study, [study.evaluation_scorer], 1).material
        for by_worth, name in ((False, "at random"), (True, "by what they teach")):
            draws = [grown(material, SIZES, seed, by_worth=by_worth) for seed in range(1, seeds + 1)]
            means = [sum(each) / len(draws) for each in zip(*draws, strict=True)]
            self.stdout.write(f"| {kind} | {name} | " + " | ".join(f"{mean:.3f}" for mean in means) + " |")


def _row(study: Study, kind: str, seed: int) -> str:
    told = train_judge(study=study, by=None, seed=seed).measured
    clap, judge, (low, high) = told["clap"], told["judge"], told["gain_interval"]
    fewer = next((f"{point['value']:.3f}" for point in told["curve"] if point["votes"] == LEARNED), "–")
    return (
        f"| {kind} | {seed} | {told['votes']} | {clap['correlation']:.3f} | {judge['correlation']:.3f} "
        f"| {told['gain']:+.3f} [{low:+.3f}, {high:+.3f}] | {fewer} "
        f"| {clap['log_loss']:.3f} → {judge['log_loss']:.3f} |"
    )
