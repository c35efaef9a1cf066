"""A study as a recipe: what it would have to be made from to be made again."""

from __future__ import annotations

import yaml

from studies import recipes
from studies.actions.create import spec_of
from studies.models import Arm, EngineSpec, Study

SAME_NAME = (
    "name",
    "description",
    "seed",
    "seconds",
    "evaluation_kind",
    "evaluation_split",
    "control_prompts",
    "evaluation_takes",
    "feedback_takes",
    "failure_limit",
)


def recipe_of(study: Study) -> recipes.Recipe:
    """All that a study needs but its team and prompts; equal studies give equal recipes."""
    arms = list(study.arms.select_related("rewriter"))
    named = [study.generator, study.feedback_scorer, study.evaluation_scorer, study.oracle, *(a.rewriter for a in arms)]
    specs = {spec.pk: spec for spec in named if spec}
    names = {pk: _name(spec) for pk, spec in specs.items()}
    return recipes.Recipe(
        **{name: getattr(study, name) for name in SAME_NAME},
        engines={names[pk]: _engine(spec) for pk, spec in specs.items()},
        generator=names[study.generator_id],
        feedback_scorer=names[study.feedback_scorer_id],
        evaluation_scorer=names[study.evaluation_scorer_id],
        oracle=names[study.oracle_id] if study.oracle_id else None,
        arms=[_arm(arm, names) for arm in arms],
        listening=recipes.Listening(
            pairs=[(one, other) for one, other in study.listening_pairs],
            prompts=study.listening_prompts,
            votes_per_trial=study.votes_per_trial,
            trials_per_session=study.trials_per_session,
        ),
    )


def as_yaml(recipe: recipes.Recipe) -> str:
    """As the shipped ones are written; `recipes.parse` of it is the recipe again."""
    told = recipe.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=120)


def _name(spec: EngineSpec) -> str:
    """That from which installing the recipe gives the same slug; the slug itself where none does."""
    name = spec.slug.rpartition("-")[0]
    return name if name and spec_of(name=name, engine=_engine(spec)).slug == spec.slug else spec.slug


def _engine(spec: EngineSpec) -> recipes.Engine:
    names = ("kind", "name", "engine", "checkpoint", "revision", "parameters", "licence")
    return recipes.Engine.model_validate({name: getattr(spec, name) for name in names})


def _arm(arm: Arm, names: dict[int, str]) -> recipes.Arm:
    return recipes.Arm(
        key=arm.key,
        name=arm.name,
        method=arm.method,  # type: ignore[arg-type]  # the model's choices are the recipe's
        rewriter=names[arm.rewriter_id] if arm.rewriter_id else None,
        parameters=arm.parameters,
    )
