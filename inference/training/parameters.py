"""What margin-ranking training lets a researcher choose. No torch here: recipes and forms are checked against it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class MarginRankingParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    epochs: int = Field(6, ge=1, le=1000)
    learning_rate: float = Field(1e-4, gt=0, le=1)
    margin: float = Field(0.05, ge=0)
    length_penalty: float = Field(1.0, ge=0, le=4)
    cross_entropy: float = Field(0.1, ge=0)
    noise_floor: float = Field(0.0, ge=0)
    seed: int = Field(0, ge=0)
