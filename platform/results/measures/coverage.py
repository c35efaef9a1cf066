"""How often 95 % intervals hold the truth, by simulation: raters and prompts both come back in several votes.

Each design draws raters' tendencies and prompts' tendencies anew, lets them vote, and asks whether the interval holds
the share that raters and prompts without number would give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from results.measures import bradley_terry
from results.statistics import mean_intervals, preference_share

MANY = 400_000  # draws by which the true share is found
RESAMPLES = 400  # of each simulated interval: the tails of a thousand studies average their noise out


@dataclass(frozen=True)
class Design:
    """votes of raters × prompts: each rater meets `trials` prompts. rater, prompt: standard deviations in logits."""

    name: str
    raters: int
    prompts: int
    trials: int
    effect: float
    rater: float = 0.3
    prompt: float = 0.8
    ties: float = 0.1


DESIGNS = (
    Design("sandbox: 30 raters, 20 prompts, 20 trials each", 30, 20, 20, 0.0),
    Design("small: 12 raters, 20 prompts, 10 trials each", 12, 20, 10, 0.9),
    Design("sparse: 100 raters, 100 prompts, 6 trials each", 100, 100, 6, 0.9),
    Design("many prompts: 40 raters, 200 prompts, 20 trials each", 40, 200, 20, 0.5),
    Design("strong tendencies: 40 raters, 40 prompts, 20 trials each", 40, 40, 20, 0.5, 1.0, 1.0),
    Design("no tendencies: 40 raters, 40 prompts, 20 trials each", 40, 40, 20, 0.5, 0.0, 0.0),
)


def simulate(design: Design, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One study's votes: rater and prompt of each, and 1, 0.5 or 0; [votes]."""
    prompt = np.concatenate([rng.permutation(design.prompts)[: design.trials] for _ in range(design.raters)])
    rater = np.repeat(np.arange(design.raters), design.trials)
    by_rater, by_prompt = rng.normal(0, design.rater, design.raters), rng.normal(0, design.prompt, design.prompts)
    chance = expit(design.effect + by_rater[rater] + by_prompt[prompt])
    values = (rng.random(len(chance)) < chance).astype(float)
    values[rng.random(len(chance)) < design.ties] = 0.5
    return rater, prompt, values


def true_share(design: Design, rng: np.random.Generator) -> float:
    tendencies = rng.normal(0, design.rater, MANY) + rng.normal(0, design.prompt, MANY)
    return float((1 - design.ties) * expit(design.effect + tendencies).mean() + design.ties / 2)


def share_coverage(design: Design, studies: int, seed: int) -> float:
    """Of the interval that results show beside every preference."""
    rng = np.random.default_rng(seed)
    truth = true_share(design, rng)
    held = 0
    for _ in range(studies):
        found = preference_share(*simulate(design, rng), resamples=RESAMPLES)
        held += found is not None and found.low <= truth <= found.high
    return held / studies


def gain_coverage(prompts: int, studies: int, seed: int, draw: Callable | None = None) -> float:
    """Of a mean difference over prompts. draw: (rng, shape) -> differences of mean zero; skewed ones by default."""
    rng = np.random.default_rng(seed)
    draw = draw or (lambda generator, shape: generator.gamma(4.0, 1.0, shape) - 4.0)
    columns = draw(rng, (prompts, studies))
    found = [mean_intervals(columns[:, at : at + 1], resamples=RESAMPLES)[0] for at in range(studies)]
    return sum(each is not None and each.low <= 0 <= each.high for each in found) / studies


STRENGTHS = np.array([0.5, 0.1, -0.2, -0.4])


def strength_coverage(raters: int, prompts: int, trials: int, studies: int, seed: int) -> float:
    """Of the first arm's Bradley–Terry strength, ties included. Raters and prompts have no tendencies here: with them
    the model's own strengths are not what votes tend to."""
    rng, arms, held = np.random.default_rng(seed), len(STRENGTHS), 0
    for _ in range(studies):
        n = raters * trials
        rater, prompt = np.repeat(np.arange(raters), trials), rng.integers(prompts, size=n)
        first = rng.integers(arms, size=n)
        second = (first + rng.integers(1, arms, size=n)) % arms
        utility = np.stack(
            [STRENGTHS[first], STRENGTHS[second], np.log(0.3) + (STRENGTHS[first] + STRENGTHS[second]) / 2]
        )
        odds = np.exp(utility)
        outcome = (rng.random(n) > (odds / odds.sum(axis=0)).cumsum(axis=0)).sum(axis=0)
        found = bradley_terry.strengths(first, second, outcome, rater, prompt, arms)
        held += bool(found.low[0] <= STRENGTHS[0] <= found.high[0])
    return held / studies


def table(studies: int = 1000, seed: int = 1) -> Iterator[tuple[str, float]]:
    """(what, share of intervals that hold the truth), a design a line."""
    for design in DESIGNS:
        yield f"preference, {design.name}", share_coverage(design, studies, seed)
    for prompts in (20, 82):
        yield f"gain over {prompts} prompts, skewed", gain_coverage(prompts, studies, seed)
    yield "strength, 60 raters, 40 prompts, 10 trials each", strength_coverage(60, 40, 10, studies, seed)
