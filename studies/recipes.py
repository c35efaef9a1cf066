"""Study recipes: YAML files that say everything a study needs but its team and its prompts."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from studies import arms
from studies.errors import RecipeError


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Engine(Part):
    kind: Literal["rewriter", "generator", "scorer", "judge"]
    engine: str
    name: str = ""
    checkpoint: str = ""
    revision: str = ""
    parameters: dict = Field(default_factory=dict)
    licence: str = ""


class Arm(Part):
    key: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")
    name: str = ""
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
    prompts: int = Field(20, ge=1)
    votes_per_trial: int = Field(3, ge=1)
    trials_per_session: int = Field(10, ge=1)


class Recipe(Part):
    """engines are named; generator, feedback_scorer, evaluation_scorer, oracle and arms refer to those names."""

    name: str
    description: str = ""
    engines: dict[str, Engine]
    generator: str
    feedback_scorer: str
    evaluation_scorer: str
    oracle: str | None = None
    seed: int = Field(1, ge=0)
    seconds: float = Field(3.0, ge=0.5, le=60)
    evaluation_kind: Literal["open", "expert"] = "open"
    evaluation_split: Literal["train", "validation", "test"] = "test"
    evaluation_takes: int = Field(4, ge=1)
    feedback_takes: int = Field(2, ge=1)
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


def load(name_or_path: str) -> Recipe:
    """A shipped recipe by its name, or one's own by its path. Raises RecipeError naming each field at fault."""
    path = Path(settings.RECIPES) / f"{name_or_path}.yaml"
    if not path.exists():
        path = Path(name_or_path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(
            {"recipe": [f"No recipe {name_or_path!r}: choose {', '.join(names())}, or a file."]}
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RecipeError({"recipe": [f"{path.name} is not YAML: {error}"]}) from error
    return parse(content)


def parse(content: object) -> Recipe:
    """A recipe from its YAML content. Raises RecipeError naming each field at fault."""
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        messages: dict[str, list[str]] = {}
        for fault in error.errors():
            where = ".".join(map(str, fault["loc"])) or "recipe"
            messages.setdefault(where, []).append(fault["msg"].removeprefix("Value error, "))
        raise RecipeError(messages) from None
