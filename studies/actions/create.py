"""A study from a recipe."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Team, User
from prompts.models import PromptSet
from studies import recipes
from studies.errors import RecipeError
from studies.models import Arm, EngineSpec, Study
from studies.models.work import identity_of


@transaction.atomic
def create_study(
    *, recipe: recipes.Recipe, slug: str, team: Team, prompt_set: PromptSet, by: User | None, recipe_name: str = ""
) -> Study:
    """A draft study with its arms; engine specs are found or added. Raises RecipeError naming the field."""
    specs = {name: install_engine(name=name, engine=engine) for name, engine in recipe.engines.items()}
    study = Study.objects.create(
        team=team,
        slug=slug,
        recipe=recipe_name,
        prompt_set=prompt_set,
        created_by=by,
        name=recipe.name,
        description=recipe.description,
        generator=specs[recipe.generator],
        feedback_scorer=specs[recipe.feedback_scorer],
        evaluation_scorer=specs[recipe.evaluation_scorer],
        oracle=specs[recipe.oracle] if recipe.oracle else None,
        listening_pairs=[list(pair) for pair in recipe.listening.pairs],
        listening_prompts=recipe.listening.prompts,
        votes_per_trial=recipe.listening.votes_per_trial,
        trials_per_session=recipe.listening.trials_per_session,
        **recipe.model_dump(include=_SAME_NAME),
    )
    for position, arm in enumerate(recipe.arms):
        Arm.objects.create(
            study=study,
            key=arm.key,
            name=arm.name or arm.key.replace("_", " ").capitalize(),
            method=arm.method,
            rewriter=specs[arm.rewriter] if arm.rewriter else None,
            parameters=arm.parameters,
            position=position,
        )
    return study


_SAME_NAME = {
    "seed",
    "seconds",
    "evaluation_kind",
    "evaluation_split",
    "evaluation_takes",
    "feedback_takes",
    "failure_limit",
}


def install_engine(*, name: str, engine: recipes.Engine) -> EngineSpec:
    """The spec of that content: the one that exists, or a new one beside those it differs from."""
    spec = EngineSpec(name=engine.name or name, **engine.model_dump(exclude={"name"}))
    content = identity_of(**engine.model_dump(include={"kind", "engine", "checkpoint", "revision", "parameters"}))
    spec.slug = f"{name}-{content[:8]}"
    found = EngineSpec.objects.filter(slug=spec.slug).first()
    if found:
        return found
    try:
        spec.full_clean()
    except ValidationError as error:
        raise RecipeError({f"engines.{name}.{field}": texts for field, texts in error.message_dict.items()}) from error
    spec.save()
    return spec
