"""What margin-ranking training lets a researcher choose. No torch here: recipes and forms are checked against it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class MarginRankingParameters(BaseModel):
    """The objective's constants and the optimiser's; what no source gives was chosen on validation prompts (ours).

    margin: m, nats a token that each further rank must lie apart. length_penalty: α of the normalised likelihood.
    cross_entropy: λ, weight of the best candidate's cross-entropy (nats a token) beside the ranking loss.
    noise_floor: pairs whose scores differ by less teach nothing. gradient_clip: largest norm of a step's gradient.
    seed: of the order in which prompts are visited.
    """

    model_config = ConfigDict(extra="forbid")

    epochs: int = Field(6, ge=1, le=1000)
    learning_rate: float = Field(1e-4, gt=0, le=1)
    margin: float = Field(0.05, ge=0)
    length_penalty: float = Field(1.0, ge=0, le=4)
    cross_entropy: float = Field(0.1, ge=0)
    noise_floor: float = Field(0.0, ge=0)
    gradient_clip: float = Field(1.0, gt=0)
    seed: int = Field(0, ge=0)
