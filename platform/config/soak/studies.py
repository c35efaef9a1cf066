"""The studies of a soak: the shipped recipe, smaller, one after the other; each is heard while the next is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

from accounts.models import Team
from inference import trouble
from listening.models import ListeningTest, Trial
from prompts.models import Prompt, PromptSet
from studies import actions, recipes
from studies.models import Study

Value = TypeVar("Value")
PROMPTS = {
    ("open", "test"): ("sad church music", "rain on a tin roof", "gym workout"),
    ("open", "train"): ("robot factory", "calm lake at night"),
    ("expert", "train"): ("A slow piano in a low register, with echo", "Fast bright drums, dry and close"),
}
SMALL: dict[str, dict] = {
    "instruct_icl": {"exemplars": 2},
    "instruct_feedback": {"training_prompts": 2, "candidates": 3, "training": {"epochs": 1}},
    "best_of_n": {"n": 2},
}
PAIRS = [(arm, "original") for arm in ("instruct", "instruct_icl", "instruct_feedback", "best_of_n")]
SECONDS = 0.5  # of a clip
AT_ONCE = {"headphones": "none", "practice_trials": 0, "break_every": 0, "comment_asked": False}


def patient(write: Callable[[], Value]) -> Value:
    """What it returns, once the database takes it."""
    return trouble.survived(write)


def name(number: int) -> str:
    return f"soak-{number}"


def contended(number: int) -> bool:
    """Every second study has places for half of its raters: they take them from each other."""
    return number % 2 == 1


def launch(number: int, raters: int) -> Study:
    """The study of that number, running; launched once, however often this is tried."""
    return patient(lambda: _launched(number, raters))


@transaction.atomic
def _launched(number: int, raters: int) -> Study:
    there = Study.objects.filter(slug=name(number)).first()
    if there is not None:
        return there
    team, _ = Team.objects.get_or_create(slug="soak", defaults={"name": "Soak"})
    study = actions.create_study(
        recipe=recipe(number, raters), slug=name(number), team=team, prompt_set=_prompts(team), by=None
    )
    ListeningTest.objects.update_or_create(study=study, defaults=AT_ONCE)
    return actions.launch(study=study, by=None)


def recipe(number: int, raters: int) -> recipes.Recipe:
    shipped = recipes.load("sandbox")
    arms = [arm.model_copy(update={"parameters": SMALL.get(arm.key, arm.parameters)}) for arm in shipped.arms]
    prompts = len(PROMPTS["open", "test"])
    listening = recipes.Listening(
        pairs=PAIRS, prompts=prompts, votes_per_trial=raters, trials_per_session=prompts * len(PAIRS)
    )
    small = {"seconds": SECONDS, "control_prompts": 0, "evaluation_takes": 1, "feedback_takes": 1}
    return shipped.model_copy(
        update={"name": f"Soak {number}", "seed": number + 1, "arms": arms, "listening": listening, **small}
    )


def _prompts(team: Team) -> PromptSet:
    there, made = PromptSet.objects.get_or_create(team=team, slug="soak", defaults={"name": "Soak"})
    texts = [(kind, split, text) for (kind, split), all_ in PROMPTS.items() for text in all_]
    if made:
        Prompt.objects.bulk_create(
            Prompt(prompt_set=there, position=position, kind=kind, split=split, text=text)
            for position, (kind, split, text) in enumerate(texts, start=1)
        )
    return there


def status(number: int) -> tuple[str, str]:
    """Of the study of that number, with its reason."""
    return patient(lambda: Study.objects.values_list("status", "status_reason").get(slug=name(number)))


def opened(number: int, raters: int) -> int:
    """How many trials raters will find in a complete study, made scarce where they are to contend for them."""
    return patient(lambda: _opened(number, raters))


@transaction.atomic
def _opened(number: int, raters: int) -> int:
    trials = Trial.objects.filter(study__slug=name(number), kind=Trial.Kind.STUDY)
    # Where two arms wrote the same, two trials sound the same, and a rater hears one of them: which, is for timing.
    first: dict[str, int] = {}
    for trial in trials.order_by("pk"):
        if first.setdefault(trial.content, trial.pk) != trial.pk:
            trial.delete()
    if contended(number):
        trials.filter(votes_needed=raters).update(votes_needed=max(1, raters // 2))
    return trials.count()
