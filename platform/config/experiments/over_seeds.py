"""Numbers over all seeds of an experiment: a prompt's value is its mean over the seeds, and prompts are the unit.

A seed draws the training prompts, the candidates and all audio. Three of them are too few to resample: each stands
beside the mean, and a claim says in how many it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from config.experiments.experiment import Claim, Run
from results.measurements import Measurements
from results.source import OVER_PROMPTS
from results.statistics import Estimate, mean_intervals
from results.tables.table import FORMS, Column, Row, Table

SCALES = {"clap": 100.0, "oracle": 100.0, "text_cosine": 100.0, "kept_terms": 100.0, "bleu": 1.0, "chrf": 1.0}
UNITS = {
    "clap": "CLAP ×100",
    "oracle": "oracle relevance ×100",
    "text_cosine": "cosine ×100",
    "kept_terms": "% of words kept",
    "bleu": "SacreBLEU",
    "chrf": "chrF",
}


class Found(NamedTuple):
    """Of an arm, or of one over another, in the measure's own unit: over all seeds, and in each."""

    pooled: Estimate
    seeds: list[Estimate]


def column(measured: Sequence[Measurements], arm: str, measure: str) -> np.ndarray:
    """A value a prompt, the mean over seeds: [prompts]; NaN where some seed has none."""
    return np.mean([each.columns[arm, measure] for each in measured], axis=0)


def gain(runs: Sequence[Run], arm: str, versus: str, measure: str = "clap") -> Found | None:
    """None where nothing can be compared."""
    return gain_of([run.page.measured for run in runs], arm, versus, measure)


def gain_of(measured: Sequence[Measurements], arm: str, versus: str, measure: str = "clap") -> Found | None:
    return summed([each.columns[arm, measure] - each.columns[versus, measure] for each in measured])


def summed(columns: Sequence[np.ndarray]) -> Found | None:
    """columns: a value a prompt, [prompts], of each seed. None where some prompt has none in every seed."""
    pooled, *seeds = mean_intervals(np.stack([np.mean(columns, axis=0), *columns], axis=1))
    known = [each for each in seeds if each is not None]
    return None if pooled is None else Found(pooled, known)


def gained_more(runs: Sequence[Run], first: tuple[str, str], second: tuple[str, str]) -> Found | None:
    """A difference of differences in CLAP, prompt by prompt: what the first of a pair of arms gains over the second,
    less the same of the other pair."""
    (a, b), (c, d) = first, second
    columns = [run.page.measured.columns for run in runs]
    return summed([m[a, "clap"] - m[b, "clap"] - m[c, "clap"] + m[d, "clap"] for m in columns])


def in_every(held: Sequence[bool]) -> bool | None:
    """Of what is one number a seed: held where it is so in every seed, not where it is in none."""
    return True if all(held) else None if any(held) else False


def above(text: str, found: Found | None, measure: str = "clap", than: float = 0.0, sign: str = "+") -> Claim:
    """Claims that a gain is greater than this: held where the interval over all seeds lies above it, not where it lies
    below, open where it holds it. sign: "+" where the numbers are differences."""
    if found is None:
        return Claim(text, None, "nothing was measured")
    return Claim(text, _side(found.pooled, than), said(found, measure, than, sign))


def means(runs: Sequence[Run], arm: str, measure: str) -> Found | None:
    """Of an arm by itself."""
    return summed([run.page.measured.columns[arm, measure] for run in runs])


def level(text: str, runs: Sequence[Run], arm: str, measure: str, than: float) -> Claim:
    """Claims that an arm's mean is greater than this."""
    return above(text, means(runs, arm, measure), measure, than, sign="")


def _side(found: Estimate, than: float) -> bool | None:
    return True if found.low > than else False if found.high < than else None


def said(found: Found, measure: str, than: float = 0.0, sign: str = "+") -> str:
    def told(value: float) -> str:
        return signed(SCALES[measure] * value, sign)

    pooled, each = found.pooled, ", ".join(told(one.value) for one in found.seeds)
    alone = sum(_side(one, than) is True for one in found.seeds)
    return (
        f"{told(pooled.value)} [{told(pooled.low)}, {told(pooled.high)}] {UNITS[measure]}, {pooled.n} prompts; "
        f"by seed {each}; {alone} of {len(found.seeds)} seeds show it alone"
    )


def signed(value: float, sign: str = "+") -> str:
    return f"{value:{sign}.1f}".replace("-", "−")


def forced(runs: Sequence[Run]) -> list[str]:
    """A remark where rewriters are made to begin with the prompt: none of its words can go, by decoding."""
    kept = [arm.rewriter.parameters.get("keep_prompt") for arm in runs[0].page.arms if arm.rewriter]
    if not all(kept):
        return []
    return ["These rewriters are made to begin with the prompt's own words: that all are kept is by construction."]


def rests_on(runs: Sequence[Run]) -> str:
    """Under tables and figures."""
    prompts = len(runs[0].page.measured.prompts)
    seeds = {run.seed for run in runs}
    return f"n = {prompts} prompts, means over {len(seeds)} seeds. {OVER_PROMPTS}"


ARMS = (
    Column("name", "Arm"),
    Column("clap", "CLAP", "×100", "times100", "clap_interval"),
    Column("gain", "Gain", "×100", "signed100", "gain_interval"),
    Column("oracle", "Oracle", "×100", "times100", "oracle_interval"),
    Column("bleu", "SacreBLEU", "0–100", "plain"),
    Column("chrf", "chrF", "0–100", "plain"),
    Column("kept_terms", "Words kept", "%", "percent"),
    Column("text_cosine", "Cosine", "×100", "times100"),
    Column("by_seed", "Gain by seed", "×100"),
)


def arms(runs: Sequence[Run], versus: str = "original") -> Table:
    """Every arm over all seeds, and what it gained over `versus`."""
    measured = [run.page.measured for run in runs]
    return Table("arms", "Arms", ARMS, rows_of(measured, versus), source=rests_on(runs))


def rows_of(measured: Sequence[Measurements], versus: str) -> list[Row]:
    return [_row(measured, arm.key, arm.name, versus) for arm in measured[0].arms]


def _row(measured: Sequence[Measurements], arm: str, name: str, versus: str) -> Row:
    measures = ("clap", "oracle", "bleu", "chrf", "kept_terms", "text_cosine")
    estimates = mean_intervals(np.stack([column(measured, arm, each) for each in measures], axis=1))
    row: Row = {"arm": arm, "name": name}
    for measure, found in zip(measures, estimates, strict=True):
        row |= {measure: found and found.value, f"{measure}_interval": found and found.interval}
    gained = gain_of(measured, arm, versus) if arm != versus else None
    if gained is None:
        return row
    each = ", ".join(FORMS["signed100"](one.value) for one in gained.seeds)
    return row | {"gain": gained.pooled.value, "gain_interval": gained.pooled.interval, "by_seed": each}
