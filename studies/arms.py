"""What each method lets a researcher choose, as schemas that forms and recipes are checked against."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inference.training.parameters import MarginRanking, Training


class NoChoice(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Exemplars(NoChoice):
    exemplars: int = Field(3, ge=1, le=20, description="Nearest expert captions shown to the rewriter.")


Sampling = Literal["independent", "spread"]
_SAMPLING = "`spread` lays a prompt's samples evenly over all that the rewriter might say (arithmetic sampling)."


class BestOf(NoChoice):
    n: int = Field(8, ge=2, le=64, description="Candidates a prompt: the first greedy, the others sampled.")
    sampling: Sampling = Field("independent", description=_SAMPLING)


class Feedback(NoChoice):
    training_prompts: int = Field(10, ge=1, description="N: ranked prompts of the training split.")
    candidates: int = Field(8, ge=2, le=64, description="Candidates a prompt: the first greedy, the others sampled.")
    sampling: Sampling = Field("independent", description=_SAMPLING)
    rounds: int = Field(1, ge=1, le=10, description="Each round samples fresh candidates from the last checkpoint.")
    training: Training = Field(default_factory=MarginRanking)


SCHEMAS: dict[str, type[NoChoice]] = {
    "original": NoChoice,
    "instruct": NoChoice,
    "instruct_icl": Exemplars,
    "best_of_n": BestOf,
    "instruct_feedback": Feedback,
}


def parse(method: str, values: dict) -> NoChoice:
    """The choices with defaults filled in. Raises pydantic.ValidationError."""
    return SCHEMAS[method].model_validate(values)


def faults(method: str, values: dict) -> list[str]:
    """What is wrong with the values, each line naming its field; empty when nothing is."""
    try:
        parse(method, values)
    except ValidationError as error:
        return [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
    return []
