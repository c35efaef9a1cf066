"""A study from a recipe."""

from __future__ import annotations

import itertools
import re

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Team, User
from prompts.models import PromptSet
from studies import recipes
from studies.actions.note import note
from studies.errors import RecipeError
from studies.models import Arm, EngineSpec, Study
from studies.models.work import identity_of
from studies.signals import study_duplicated


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
    note(study=study, by=by, text=f"Made from the recipe {recipe_name or recipe.name}.")
    return study


@transaction.atomic
def duplicate(*, study: Study, by: User | None) -> Study:
    """A draft with the same prompts, engines, arms and listening test, and with none of the results."""
    copy = Study.objects.get(pk=study.pk)
    copy.pk, copy._state.adding = None, True
    copy.name, copy.slug = f"{study.name[:190]} (copy)", free_slug(study.slug)
    copy.status, copy.status_reason, copy.accepted_failures = Study.Status.DRAFT, "", {}
    copy.created_by, copy.launched_at, copy.finished_at = by, None, None
    copy.save(force_insert=True)
    for arm in study.arms.all():
        arm.pk, arm._state.adding, arm.study = None, True, copy
        arm.stage, arm.round = Arm._meta.get_field("stage").get_default(), 0
        arm.save(force_insert=True)
    study_duplicated.send(Study, study=copy, original=study)
    note(study=copy, by=by, text=f"Copied from {study.name}.")
    return copy


def free_slug(wanted: str) -> str:
    """Of a study: the wanted one, or with a number behind it where that is taken."""
    stem = re.sub(r"-\d+$", "", wanted)[:70] or "study"
    taken = set(Study.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbered = (f"{stem}-{n}" for n in itertools.count(2))
    return next(slug for slug in itertools.chain([wanted[:80]], numbered) if slug not in taken)


_SAME_NAME = {
    "seed",
    "seconds",
    "evaluation_kind",
    "evaluation_split",
    "control_prompts",
    "evaluation_takes",
    "feedback_takes",
    "failure_limit",
}


def spec_of(*, name: str, engine: recipes.Engine) -> EngineSpec:
    """Not saved. Equal contents have equal slugs."""
    content = identity_of(**engine.model_dump(include={"kind", "engine", "checkpoint", "revision", "parameters"}))
    return EngineSpec(name=engine.name or name, slug=f"{name}-{content[:8]}", **engine.model_dump(exclude={"name"}))


def install_engine(*, name: str, engine: recipes.Engine) -> EngineSpec:
    """The spec of that content: the one that exists, or a new one beside those it differs from."""
    spec = spec_of(name=name, engine=engine)
    found = EngineSpec.objects.filter(slug=spec.slug).first()
    if found:
        return found
    try:
        spec.full_clean()
    except ValidationError as error:
        raise RecipeError({f"engines.{name}.{field}": texts for field, texts in error.message_dict.items()}) from error
    spec.save()
    return spec
