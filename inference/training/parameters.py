"""What fine-tuning lets a researcher choose, one schema an objective. No torch here: recipes and forms read it.

Constants that no source gives were chosen on validation prompts (ours).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, TypeAdapter, model_validator


class Lora(BaseModel):
    """Low-rank adapters (arXiv 2106.09685) on every linear layer instead of all weights, scaled by alpha / rank."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    rank: int = Field(8, ge=1, le=1024)
    alpha: int = Field(16, ge=1, le=65_536)


Measure = Literal["kept_terms", "chrf", "bleu", "text_cosine", "judged_cosine"]  # of a rewrite's fidelity to its prompt


class Constraint(BaseModel):
    """Fidelity first, and only then alignment: how candidates are ranked that have lost too much of the prompt.

    floor: of fidelity, 0..1. weight: None ranks every candidate below the floor behind all that hold it, the more
    faithful first; a number adds weight·min(fidelity − floor, 0) to its score, the reward of Promptist
    (arXiv 2212.09611, where relevance is 20·min(CLIP − .28, 0)).
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    floor: float = Field(ge=0, le=1)
    weight: float | None = Field(None, gt=0)


class TrainingParameters(BaseModel):
    """What all objectives share.

    cross_entropy: λ, weight of the best candidate's cross-entropy (nats a token) beside the objective.
    noise_floor: pairs whose scores differ by less teach nothing. gradient_clip: largest norm of a step's gradient.
    fidelity_weight: β of exp(−β·(1 − fidelity of the better candidate)), by which its pairs weigh less (the weight of
    Sem-DPO, arXiv 2507.20133); 0 weighs all alike. fidelity: of a candidate to the prompt, by which measure;
    text_cosine is of their embeddings by the feedback scorer, judged_cosine by the evaluation scorer, which results
    report. constraint: how fidelity changes the ranking itself.
    validation_prompts: open validation prompts that are rewritten, rendered and scored after each epoch; 0 for none.
    held_out_candidates: of each validation prompt, sampled before training: after each epoch their order by likelihood
    is held beside feedback's; 0 for none.
    patience: epochs without a better one before training ends; fidelity_floor: an epoch whose mean fidelity is lower is
    worse than any that holds it, whatever its CLAP. diverged: training ends when an epoch's loss is this many times the
    first one's. seed: of the order in which prompts are visited. lora: adapters instead of full fine-tuning.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    epochs: int = Field(6, ge=1, le=1000)
    learning_rate: float = Field(1e-4, gt=0, le=1)
    cross_entropy: float = Field(0.1, ge=0)
    noise_floor: float = Field(0.0, ge=0)
    gradient_clip: float = Field(1.0, gt=0)
    fidelity_weight: float = Field(0.0, ge=0)
    fidelity: Measure = "kept_terms"
    constraint: Constraint | None = None
    validation_prompts: int = Field(0, ge=0, le=1000)
    held_out_candidates: int = Field(0, ge=0, le=64)
    patience: int = Field(3, ge=1, le=1000)
    fidelity_floor: float = Field(0.0, ge=0, le=1)
    diverged: float = Field(10.0, gt=1)
    seed: int = Field(0, ge=0, le=2**31 - 1)
    lora: Lora | None = None

    @model_validator(mode="after")
    def has_prompts_to_hold_out(self) -> Self:
        if self.held_out_candidates == 1 or (self.held_out_candidates and not self.validation_prompts):
            raise ValueError("held_out_candidates: at least two, of validation_prompts, which must be above 0 as well")
        return self

    def holds(self, entry: Mapping[str, Any]) -> bool:
        """Whether an epoch of the curve kept enough of its prompts; one without validation is taken at its word."""
        return entry.get("fidelity", 1.0) >= self.fidelity_floor


class MarginRanking(TrainingParameters):
    """BRIO's ranking loss (arXiv 2203.16804), as arXiv 2311.00897 uses it.

    margin: m, by which each further rank must lie apart, in nats (a token, where α is 1).
    length_penalty: α of the normalised likelihood s(y) = Σ log p / |y|^α.
    """

    objective: Literal["margin_ranking"] = "margin_ranking"
    margin: float = Field(0.05, ge=0)
    length_penalty: float = Field(1.0, ge=0, le=4)


class Dpo(TrainingParameters):
    """Direct preference optimisation (arXiv 2305.18290) on every pair of a prompt. beta: how far from the reference."""

    objective: Literal["dpo"]
    beta: float = Field(0.1, gt=0)


class SimPo(TrainingParameters):
    """SimPO (arXiv 2405.14734): length-normalised, without a reference. beta: scale; target_margin: γ."""

    objective: Literal["simpo"]
    beta: float = Field(2.0, gt=0)
    target_margin: float = Field(1.0, ge=0)


DEFAULT = "margin_ranking"


def _named(value: Any) -> str:
    """The objective's name; margin ranking, the paper's, where none is given."""
    name = value.get("objective", DEFAULT) if isinstance(value, dict) else getattr(value, "objective", DEFAULT)
    return name if isinstance(name, str) else ""


Training = Annotated[
    Annotated[MarginRanking, Tag("margin_ranking")] | Annotated[Dpo, Tag("dpo")] | Annotated[SimPo, Tag("simpo")],
    Discriminator(_named),
]
_ADAPTER: TypeAdapter[MarginRanking | Dpo | SimPo] = TypeAdapter(Training)


def parse(values: dict[str, Any]) -> MarginRanking | Dpo | SimPo:
    """The parameters with defaults filled in. Raises pydantic.ValidationError."""
    return _ADAPTER.validate_python(values)
