"""Model blocks: which models a recipe runs with, by the part that each plays, and what suits them.

A recipe that says `models: sandbox` names no engine: its arms name parts (`rewriter`, `decoder_only`), and the block
says who plays them. With another block the same recipe runs on other models.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from inference.training import parameters
from studies.arms import Sampling
from studies.errors import RecipeError
from studies.plain import plain

PLAYED = ("generator", "feedback_scorer", "evaluation_scorer", "oracle")  # parts that every study has
SUITS = (*PLAYED, "seconds", "evaluation_takes", "feedback_takes", "needs")
SAMPLED = ("best_of_n", "instruct_feedback")


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Engine(Part):
    kind: Literal["rewriter", "generator", "scorer", "judge"]
    engine: str
    name: str = Field("", max_length=200)
    checkpoint: str = ""
    revision: str = ""
    parameters: dict = Field(default_factory=dict)
    licence: str = ""


class Block(Part):
    """told: behind a recipe's name. sampling, training: what arms that say nothing else are given; training by the
    name of its objective."""

    name: str
    told: str
    needs: str = ""
    engines: dict[str, Engine]
    generator: str
    feedback_scorer: str
    evaluation_scorer: str
    oracle: str | None = None
    seconds: float
    evaluation_takes: int
    feedback_takes: int
    sampling: Sampling = "independent"
    training: dict[str, dict] = Field(default_factory=dict)

    @field_validator("training")
    @classmethod
    def is_what_the_objectives_take(cls, value: dict[str, dict]) -> dict[str, dict]:
        for objective, chosen in value.items():
            parameters.parse({"objective": objective, **chosen})
        return value


def names() -> list[str]:
    """The shipped blocks."""
    return sorted(path.stem for path in _folder().glob("*.yaml"))


def load(name: object) -> Block:
    """A shipped block. Raises RecipeError where there is none of that name: a block is never a file elsewhere."""
    if name not in names():
        raise RecipeError({"models": [f"No models are called {name!r}: choose {', '.join(names())}."]})
    return _read(_folder() / f"{name}.yaml")


@cache
def _read(path: Path) -> Block:
    try:
        return Block.model_validate(plain(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise RecipeError({f"models {path.stem}": [str(error)]}) from None


def _folder() -> Path:
    return Path(settings.RECIPES) / "models"


def filled(content: dict[str, Any], block: Block) -> dict[str, Any]:
    """The content of a recipe with what the block says where the recipe says nothing; only engines that play a part.

    What is no recipe stays as it is: to say so is the schema's part.
    """
    arms = content["arms"] if isinstance(content.get("arms"), list) else []
    found = {name: getattr(block, name) for name in SUITS} | content
    found["name"] = f"{content.get('name', '')} {block.told}".strip()
    if arms:
        found["arms"] = [_arm(arm, block) if isinstance(arm, dict) else arm for arm in arms]
    own = content.get("engines", {})
    if isinstance(own, dict):
        rewriters = [arm.get("rewriter") for arm in arms if isinstance(arm, dict)]
        played = [*(found[part] for part in PLAYED), *rewriters]
        found["engines"] = {name: engine for name, engine in block.engines.items() if name in played} | own
    return found


def _arm(arm: dict[str, Any], block: Block) -> dict[str, Any]:
    """As the block's models sample and learn best, unless the arm says how."""
    own = arm.get("parameters", {})
    if arm.get("method") not in SAMPLED or not isinstance(own, dict):
        return arm
    chosen: dict[str, Any] = ({} if block.sampling == "independent" else {"sampling": block.sampling}) | own
    training = own.get("training", {})
    if arm["method"] == "instruct_feedback" and isinstance(training, dict):
        suits = block.training.get(str(training.get("objective", parameters.DEFAULT)), {})
        chosen["training"] = suits | training
    return arm | {"parameters": chosen}
