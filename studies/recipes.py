"""Study recipes: YAML files that say everything a study needs but its team and its prompts.

A recipe names its engines itself, or says `models: NAME` and takes them from a model block (`studies.blocks`). Where a
recipe is asked for by name, `NAME@MODELS` stands for it with other models, and the name of a block alone for the main
recipe with these.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from django.conf import settings
from pydantic import Field, ValidationError, model_validator

from studies import arms, blocks, storable
from studies.blocks import Engine, Part
from studies.errors import RecipeError
from studies.plain import plain

MAIN = "main"
SMALL, LARGE = 2**15 - 1, 2**31 - 1  # the largest numbers of the columns that hold them


class Arm(Part):
    key: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")
    name: str = Field("", max_length=120)
    method: Literal["original", "instruct", "instruct_icl", "instruct_feedback", "best_of_n"]
    rewriter: str | None = None
    parameters: dict = Field(default_factory=dict)

    @model_validator(mode="after")
    def has_what_its_method_needs(self) -> Arm:
        if self.method != "original" and self.rewriter is None:
            raise ValueError(f"rewriter: an arm of method {self.method} needs one")
        if self.method == "original" and self.rewriter is not None:
            raise ValueError("rewriter: the original is not rewritten")
        if wrong := arms.faults(self.method, self.parameters):
            raise ValueError(f"parameters: {'; '.join(wrong)}")
        return self


class Listening(Part):
    pairs: list[tuple[str, str]] = Field(default_factory=list)
    prompts: int = Field(20, ge=1, le=SMALL)
    votes_per_trial: int = Field(3, ge=1, le=SMALL)
    trials_per_session: int = Field(10, ge=1, le=SMALL)


class Recipe(Part):
    """engines are named; generator, feedback_scorer, evaluation_scorer, oracle and arms refer to those names."""

    name: str = Field(min_length=1, max_length=200)
    answers: str = Field("", description="The question that the study answers, in one sentence.")
    needs: str = Field("", description="What must be at hand to run it.")
    reading: str = Field("", description="How to read the result, and what it cannot tell.")
    description: str = ""
    engines: dict[str, Engine]
    generator: str
    feedback_scorer: str
    evaluation_scorer: str
    oracle: str | None = None
    seed: int = Field(1, ge=0, le=LARGE)
    seconds: float = Field(3.0, ge=0.5, le=60)
    evaluation_kind: Literal["open", "expert"] = "open"
    evaluation_split: Literal["train", "validation", "test"] = "test"
    control_prompts: int = Field(0, ge=0, le=SMALL, description="Expert prompts evaluated beside, as a control.")
    evaluation_takes: int = Field(4, ge=1, le=SMALL)
    feedback_takes: int = Field(2, ge=1, le=SMALL)
    failure_limit: float = Field(0.1, ge=0, le=1)
    arms: list[Arm] = Field(min_length=1)
    listening: Listening = Field(default_factory=Listening)

    @model_validator(mode="after")
    def names_what_it_has(self) -> Recipe:
        roles = {"generator": self.generator, "feedback_scorer": self.feedback_scorer}
        roles |= {"evaluation_scorer": self.evaluation_scorer} | ({"oracle": self.oracle} if self.oracle else {})
        roles |= {f"arms.{arm.key}.rewriter": arm.rewriter for arm in self.arms if arm.rewriter}
        for field, name in roles.items():
            if name not in self.engines:
                raise ValueError(f"{field}: no engine is named {name!r}; engines has {', '.join(self.engines)}")
        keys = [arm.key for arm in self.arms]
        if len(set(keys)) < len(keys):
            raise ValueError("arms: two arms have the same key")
        if unknown := {key for pair in self.listening.pairs for key in pair} - set(keys):
            raise ValueError(f"listening.pairs: no arm has the key {', '.join(sorted(unknown))}")
        return self


def names() -> list[str]:
    """The shipped recipes."""
    return sorted(path.stem for path in Path(settings.RECIPES).glob("*.yaml"))


def known(name: object) -> bool:
    """Whether `load` would find a shipped recipe by this name."""
    recipe, models = _asked(str(name))
    return recipe in names() and (models is None or models in blocks.names())


def known_as(name: str) -> set[str]:
    """All by which a recipe may have been asked for, whatever its models."""
    with_models = {f"{name}@{models}" for models in blocks.names()}
    return {name, *with_models, *(blocks.names() if name == MAIN else [])}


def load(name_or_path: str, models: str | None = None) -> Recipe:
    """A shipped recipe by its name, or one's own by its path. models: a block in place of the one it names.

    Raises RecipeError naming each field at fault.
    """
    name, asked = _asked(name_or_path)
    path = Path(settings.RECIPES) / f"{name}.yaml"
    try:
        if not path.exists():
            path, asked = Path(name_or_path), None
        text = path.read_bytes()
    except (OSError, ValueError) as error:  # no file, or no name of one
        shipped = ", ".join([*names(), *blocks.names()])
        raise RecipeError({"recipe": [f"No recipe {name_or_path[:200]!r}: choose {shipped}, or a file."]}) from error
    try:
        content = plain(text)
    except yaml.YAMLError as error:
        raise RecipeError({"recipe": [f"{path.name} is not YAML: {error}"]}) from error
    return parse(content, models or asked)


def _asked(name: str) -> tuple[str, str | None]:
    """(recipe, models)."""
    recipe, _, models = name.partition("@")
    return (MAIN, recipe) if recipe in blocks.names() and not models else (recipe, models or None)


def parse(content: object, models: str | None = None) -> Recipe:
    """A recipe from its YAML content, whole or with a model block. Raises RecipeError naming each field at fault."""
    if found := storable.fault(content):
        raise RecipeError({"recipe": [found]})
    if isinstance(content, dict) and (models or "models" in content):
        own = {key: value for key, value in content.items() if key != "models"}
        content = blocks.filled(own, blocks.load(models or content["models"]))
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        messages: dict[str, list[str]] = {}
        for fault in error.errors():
            where = ".".join(map(str, fault["loc"])) or "recipe"
            messages.setdefault(where, []).append(fault["msg"].removeprefix("Value error, "))
        raise RecipeError(messages) from None


__all__ = ["Arm", "Engine", "Listening", "Recipe", "known", "load", "names", "parse", "plain"]
