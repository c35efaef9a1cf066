"""A recipe as the gallery shows it: what it costs on one's own prompts, and which model plays which part."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from prompts.models import Prompt, PromptSet
from studies import actions, cost, recipes
from studies.design import ArmPlan, Design
from studies.errors import StudyError
from studies.evaluated import CONTROL
from studies.models import EngineSpec


@dataclass(frozen=True)
class Card:
    """One recipe on one prompt set. fault: why it cannot be read; cost: None without prompts to count."""

    key: str
    recipe: recipes.Recipe | None
    cost: cost.Cost | None = None
    fault: str = ""


def card(key: str, models: str, prompt_set: PromptSet | None) -> Card:
    try:
        recipe = recipes.load(key, models)
    except StudyError as error:
        return Card(key, None, fault=str(error))
    return Card(key, recipe, cost.cost(design_of(recipe, prompt_set)) if prompt_set else None)


def played(recipe: recipes.Recipe, name: str) -> tuple[recipes.Engine, str]:
    """An engine of the recipe, and what it is there for."""
    parts = {
        recipe.generator: "makes the audio",
        recipe.feedback_scorer: "ranks candidates: it teaches",
        recipe.evaluation_scorer: "judges the result",
        recipe.oracle: "knows the truth",
    }
    rewrites = ", ".join(arm.name or arm.key for arm in recipe.arms if arm.rewriter == name)
    return recipe.engines[name], parts.get(name) or f"rewrites: {rewrites}"


def choices(arm: recipes.Arm) -> str:
    """What the arm says itself, in one line, as its recipe would be written."""
    told = yaml.safe_dump(arm.parameters, default_flow_style=True, sort_keys=False, width=10_000).strip()
    return told.removeprefix("{").removesuffix("}")


def design_of(recipe: recipes.Recipe, prompt_set: PromptSet) -> Design:
    specs = {name: known_engine(name, engine) for name, engine in recipe.engines.items()}
    here = Prompt.objects.filter(prompt_set=prompt_set, split=recipe.evaluation_split)
    prompts = here.filter(kind=recipe.evaluation_kind).count()
    control = min(recipe.control_prompts, here.filter(kind=CONTROL).count()) if recipe.control_prompts else 0
    return Design(
        prompts=prompts + control,
        evaluation_takes=recipe.evaluation_takes,
        feedback_takes=recipe.feedback_takes,
        seconds=recipe.seconds,
        arms=[ArmPlan(a.name or a.key, a.method, a.parameters, specs.get(a.rewriter or "")) for a in recipe.arms],
        generator=specs[recipe.generator],
        scorers=[specs[recipe.feedback_scorer], specs[recipe.evaluation_scorer]],
        oracle=recipe.oracle is not None,
        pairs=len(recipe.listening.pairs),
        listening_prompts=min(recipe.listening.prompts, prompts),
        votes_per_trial=recipe.listening.votes_per_trial,
        trials_per_session=recipe.listening.trials_per_session,
    )


def known_engine(name: str, engine: recipes.Engine) -> EngineSpec:
    """The spec that the recipe would use, or one that was never saved and so has no measured rate."""
    spec = actions.spec_of(name=name, engine=engine)
    return EngineSpec.objects.filter(slug=spec.slug).first() or spec
