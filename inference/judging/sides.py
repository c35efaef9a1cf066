"""Pairs of clips as scorers hear them, and what a typical pair measures. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sides:
    """By one scorer. texts: [pairs, dim] of the prompt; first, second: [pairs, dim] of the clips."""

    texts: np.ndarray
    first: np.ndarray
    second: np.ndarray

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def apart(self) -> np.ndarray:
        return self.first - self.second

    @property
    def clap(self) -> np.ndarray:
        """[pairs]: by how much the plain score of the first is higher."""
        return np.einsum("pd,pd->p", self.texts, self.apart)

    def of(self, rows: np.ndarray) -> Sides:
        return Sides(self.texts[rows], self.first[rows], self.second[rows])


@dataclass(frozen=True)
class Units:
    """Of one scorer's pairs. clap: root mean square of the plain score's difference; apart: mean square of the clips'
    distance."""

    clap: float
    apart: float


def units(sides: Sides) -> Units:
    """1 where nothing differs."""
    clap, apart = float(np.sqrt(np.mean(sides.clap**2))), float(np.mean((sides.apart**2).sum(1)))
    return Units(clap or 1.0, apart or 1.0)
