"""How far raters agree: Krippendorff's α by the field's library, with an interval, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import krippendorff
import numpy as np

Scale = Literal["nominal", "ordinal", "interval"]
RESAMPLES, SEED = 500, 1


@dataclass(frozen=True)
class Agreement:
    """alpha: 1 perfect, 0 as by chance, None with the reason; low, high: 95 % interval over units, NaN where none.

    share: of two random votes on one unit that are equal; units: that two raters or more have judged.
    """

    alpha: float | None
    low: float = math.nan
    high: float = math.nan
    share: float | None = None
    units: int = 0
    votes: int = 0
    reason: str = ""


def alpha(
    units: np.ndarray, values: np.ndarray, scale: Scale = "nominal", *, resamples: int = RESAMPLES, seed: int = SEED
) -> Agreement:
    """units: ids; values: what each vote said, strings or numbers; both [votes]."""
    if not len(units):
        return Agreement(None, reason="nobody has voted")
    categories, coded = np.unique(values, return_inverse=True)
    groups = np.unique(units, return_inverse=True)[1].ravel()
    table = np.zeros((groups.max() + 1, len(categories)))  # [units, categories]: votes
    np.add.at(table, (groups, coded.ravel()), 1)
    table = table[table.sum(axis=1) >= 2]
    told: dict[str, Any] = {"units": len(table), "votes": int(table.sum())}
    if not len(table):
        return Agreement(None, reason="no trial has two votes", **told)
    if (table.sum(axis=0) > 0).sum() < 2:
        return Agreement(None, share=1.0, reason="every vote says the same, so chance agrees as well", **told)
    domain = categories if scale != "nominal" else np.arange(len(categories))
    found = _alpha(table, domain, scale)
    low, high = _interval(table, domain, scale, resamples, seed)
    return Agreement(found, low, high, _share(table), **told)


def _alpha(table: np.ndarray, domain: np.ndarray, scale: Scale) -> float:
    return float(krippendorff.alpha(value_counts=table, value_domain=list(domain), level_of_measurement=scale))


def _interval(table: np.ndarray, domain: np.ndarray, scale: Scale, resamples: int, seed: int) -> tuple[float, float]:
    """Over units, which are drawn with replacement."""
    rng, drawn = np.random.default_rng(seed), []
    for _ in range(resamples if len(table) > 1 else 0):
        sample = table[rng.integers(len(table), size=len(table))]
        if (sample.sum(axis=0) > 0).sum() > 1:
            drawn.append(_alpha(sample, domain, scale))
    return tuple(np.quantile(drawn, [0.025, 0.975])) if drawn else (math.nan, math.nan)


def _share(table: np.ndarray) -> float:
    """Of pairs of votes on one unit that are equal, every unit counting alike."""
    votes = table.sum(axis=1)
    return float(((table * (table - 1)).sum(axis=1) / (votes * (votes - 1))).mean())
