"""Which arms are compared with which, and by how much they differ on the same prompts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from results.measurements import Measurements
from results.statistics import Estimate, holm, mean_intervals, relative_intervals, sign_flip_p
from studies.models import Arm

# Each arm is compared with the first arm of every simpler method: what the user typed, one rewrite, n tries.
BASELINES = (Arm.Method.ORIGINAL, Arm.Method.INSTRUCT, Arm.Method.BEST_OF_N)
MEASURES = ("clap", "oracle")


def contrasts(measured: Measurements) -> list[dict]:
    """difference: mean of arm − versus over the prompts that both have, in the measure's own unit.

    relative: the same as a share of the mean of versus. p: sign-flip test; p_holm: adjusted over the contrasts of one
    measure.
    """
    compared = [(m, arm, base) for m in MEASURES if measured.has(m) for arm, base in pairs(measured.arms)]
    if not compared:
        return []
    bases = np.stack([measured.column(base, m) for m, _, base in compared], axis=1)
    gains = np.stack([measured.column(arm, m) for m, arm, _ in compared], axis=1) - bases
    differences, shares, p_values = mean_intervals(gains), relative_intervals(gains, bases), sign_flip_p(gains)
    rows = [
        {
            "arm": arm.key,
            "versus": base.key,
            "measure": name,
            **_shown(difference, "difference", "interval"),
            **_shown(share, "relative", "relative_interval"),
            "prompts": difference.n if difference else 0,
            "p": p,
        }
        for (name, arm, base), difference, share, p in zip(compared, differences, shares, p_values, strict=True)
    ]
    return [row for _, family in groupby(rows, key=lambda row: row["measure"]) for row in _adjusted(list(family))]


def _shown(estimate: Estimate | None, value: str, interval: str) -> dict:
    return {value: estimate and estimate.value, interval: estimate and estimate.interval}


def pairs(arms: list[Arm]) -> Iterator[tuple[Arm, Arm]]:
    """(arm, baseline) for every baseline that is simpler than the arm's own method."""
    for method in BASELINES:
        base = next((arm for arm in arms if arm.method == method), None)
        if base:
            yield from ((arm, base) for arm in arms if _simplicity(arm) > _simplicity(base))


def _simplicity(arm: Arm) -> int:
    return BASELINES.index(arm.method) if arm.method in BASELINES else len(BASELINES)


def _adjusted(family: list[dict]) -> list[dict]:
    return [row | {"p_holm": p} for row, p in zip(family, holm([row["p"] for row in family]), strict=True)]
