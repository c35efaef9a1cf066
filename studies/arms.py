"""What each method lets a researcher choose, as schemas that forms and recipes are checked against."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inference.training.parameters import Constraint, MarginRanking, Measure, Training
from studies.fidelity import READERS


class NoChoice(BaseModel):
    """What an arm without any choice to make has of those that rank."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @property
    def first_round(self) -> int:
        """Of this arm's own: weights that it began with stand for round 0."""
        return 0

    @property
    def ranked_by(self) -> Ranking:
        return Ranking()

    @property
    def reader(self) -> str:
        """The scorer of a study whose embeddings of candidates its ranking needs; empty where it needs none."""
        return READERS.get(self.ranked_by.measure or "", "")


class Ranking(NamedTuple):
    """How an arm's candidates are ranked beside their score. measure: of fidelity, None where it has no say."""

    measure: Measure | None = None
    constraint: Constraint | None = None


class Rewriting(NoChoice):
    """checkpoint: an arm of another study of the same team, and of its rounds the one named or the last that held its
    floor (studies/tuned.py)."""

    checkpoint: str = Field(
        "",
        pattern=r"^([-@\w]+/[-\w]+(/[1-9]\d*)?)?$",
        description="Begins with the weights that another study, or one made from that recipe, tuned: STUDY/ARM/ROUND.",
    )

    @property
    def first_round(self) -> int:
        return int(bool(self.checkpoint))


class Exemplars(Rewriting):
    exemplars: int = Field(3, ge=1, le=20, description="Nearest expert captions shown to the rewriter.")


Sampling = Literal["independent", "spread"]
_SAMPLING = "`spread` lays a prompt's samples evenly over all that the rewriter might say (arithmetic sampling)."


class BestOf(Rewriting):
    n: int = Field(8, ge=2, le=64, description="Candidates a prompt: the first greedy, the others sampled.")
    sampling: Sampling = Field("independent", description=_SAMPLING)
    fidelity: Measure = Field("kept_terms", description="How much of the prompt a candidate keeps, by which measure.")
    constraint: Constraint | None = Field(None, description="A floor of fidelity, under which no candidate is best.")

    @property
    def ranked_by(self) -> Ranking:
        return Ranking(self.fidelity, self.constraint) if self.constraint else Ranking()


class Feedback(Rewriting):
    training_prompts: int = Field(10, ge=1, le=50_000, description="N: ranked prompts of the training split.")
    candidates: int = Field(8, ge=2, le=64, description="Candidates a prompt: the first greedy, the others sampled.")
    sampling: Sampling = Field("independent", description=_SAMPLING)
    rounds: int = Field(1, ge=1, le=10, description="Each round samples fresh candidates from the last checkpoint.")
    training: Training = Field(default_factory=MarginRanking)

    @property
    def ranked_by(self) -> Ranking:
        return Ranking(self.training.fidelity, self.training.constraint)


SCHEMAS: dict[str, type[NoChoice]] = {
    "original": NoChoice,
    "instruct": Rewriting,
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
