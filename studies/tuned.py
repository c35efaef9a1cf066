"""Weights that an arm goes on with: those it tuned itself, round after round, or those that another study tuned."""

from __future__ import annotations

from django.db.models import Q

from studies import recipes
from studies.models import Arm, Checkpoint, Study
from studies.models.work import identity_of

COPIED = ("rewriter", "parameters", "ranked", "validation", "weights", "curve", "seconds", "finished_at")


def carried_on(arm: Arm) -> Checkpoint | None:
    """Of the rounds so far the last that held its fidelity floor, else what the arm began with.

    None: the rewriter as it came.
    """
    until = arm.round + 1 if arm.stage == Arm.Stage.EVALUATING else arm.round
    rounds = arm.checkpoints.filter(Q(round__lt=until) | ~Q(origin=""), state=Checkpoint.State.DONE)
    return next((each for each in rounds.defer("ranked").order_by("-round") if each.origin or each.held), None)


def find(arm: Arm, name: str) -> Checkpoint:
    """The checkpoint that STUDY/ARM, or STUDY/ARM/ROUND, names among those of the arm's team; rounds count from 1.

    STUDY is an address; or it is the name of a recipe, and stands for the newest complete study made from it that has
    the same seed, prompts and rewriter. Raises LookupError, saying what there is not.
    """
    place, key, *number = name.split("/")
    tuner = next(iter(_tuners(arm, place, key)), None)
    if tuner is None:
        raise LookupError(
            f"checkpoint: the team has no study {place!r} with an arm {key!r}, nor a complete one made from a recipe "
            "of that name with this seed, these prompts and this rewriter: run that first."
        )
    made = tuner.checkpoints.filter(state=Checkpoint.State.DONE).order_by("-round")
    held = [each for each in made if each.round + 1 == int(number[0])] if number else [c for c in made if c.held]
    if not held:
        which = f"round {number[0]}" if number else "a round that held its fidelity floor"
        raise LookupError(f"checkpoint: {place}/{key} has no finished checkpoint of {which}.")
    return held[0]


def _tuners(arm: Arm, place: str, key: str) -> list[Arm]:
    mine = Arm.objects.filter(study__team=arm.study.team_id, key=key).select_related("rewriter")
    if found := list(mine.filter(study__slug=place)):
        return found
    alike = mine.filter(
        study__recipe__in=recipes.known_as(place),
        study__seed=arm.study.seed,
        study__prompt_set=arm.study.prompt_set_id,
        study__status=Study.Status.COMPLETE,
    )
    newest = alike.order_by("-study__finished_at")
    return [each for each in newest if each.rewriter and arm.rewriter and each.rewriter.hears_like(arm.rewriter)]


def fault(arm: Arm, name: str) -> str:
    """Why the arm cannot begin with that checkpoint; empty where it can."""
    try:
        found = find(arm, name)
    except LookupError as error:
        return str(error)
    if arm.rewriter and not found.rewriter.hears_like(arm.rewriter):
        return f"checkpoint: {name} was tuned from {found.rewriter}, so its weights do not fit {arm.rewriter}."
    return ""


def adopt(arm: Arm, name: str) -> Checkpoint:
    """A copy for the arm, as its round 0. Raises LookupError where there is nothing to copy."""
    found = find(arm, name)
    origin = f"{found.arm.study.slug}/{found.arm.key}/{found.round + 1}"
    return Checkpoint.objects.create(
        identity=identity_of(study=arm.study.slug, arm=arm.key, adopted=found.identity),
        arm=arm,
        round=0,
        origin=origin,
        state=Checkpoint.State.DONE,
        **{field: getattr(found, field) for field in COPIED},
    )
