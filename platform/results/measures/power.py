"""How many prompts, raters and votes for which effect: by formula, and by simulating studies. Pure.

A simulated rater answers as the sandbox's do (`listening.listeners`): a logistic of the effect with a tie inside a
margin, now and then by chance. Prompts and raters have tendencies of their own, which come back in several votes; so
votes are worth less than they seem.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, nctdtr, ndtr, ndtri, roots_hermitenorm, stdtrit

STUDIES, SEED, ALPHA, ENOUGH = 400, 1, 0.05, 0.8
MANY = 300  # degrees of freedom from which t is normal to three digits, and the non-central one loses its own
_NODES, _WEIGHTS = roots_hermitenorm(40)


@dataclass(frozen=True)
class Crowd:
    """rater, prompt: standard deviations of tendencies; margin: within which a difference is a tie; all in logits.

    attention: share of answers that are not by chance.
    """

    rater: float = 0.3
    prompt: float = 0.8
    margin: float = 0.25
    attention: float = 1.0

    def share(self, effect: float) -> float:
        """Of votes for the better arm, a tie counting half, over all raters and prompts."""
        felt = effect + math.hypot(self.rater, self.prompt) * _NODES
        heard = (expit(felt - self.margin) + expit(felt + self.margin)) / 2
        return 0.5 + self.attention * (float(heard @ _WEIGHTS / _WEIGHTS.sum()) - 0.5)

    def effect(self, share: float) -> float:
        """The logit that makes the share. Raises ValueError where no effect does."""
        least, most = self.share(-60.0), self.share(60.0)
        if not least < share < most:
            raise ValueError(f"With such raters no difference is preferred by more than {most:.0%}.")
        return float(brentq(lambda effect: self.share(effect) - share, -60.0, 60.0))


@dataclass(frozen=True)
class Power:
    """value: share of simulated studies that tell the arms apart; width: of their intervals, in shares."""

    value: float
    width: float
    votes: int
    raters: int


def preference_power(
    share: float,
    *,
    prompts: int,
    votes_per_trial: int,
    trials_per_session: int,
    crowd: Crowd = Crowd(),
    studies: int = STUDIES,
    seed: int = SEED,
    alpha: float = ALPHA,
) -> Power:
    """Of one pair of arms, where `share` of all votes would go to the better one, ties counting half.

    A study tells them apart where its interval, clustered by raters and prompts, leaves one half out.
    """
    votes = prompts * votes_per_trial
    raters = max(-(-votes // trials_per_session), votes_per_trial)
    prompt = np.tile(np.arange(prompts), votes_per_trial)
    rater = _given_out(prompts, votes_per_trial, raters)
    values = _simulated(share, prompt, rater, crowd, studies, seed)
    mean, error = _clustered(values, rater, prompt)
    df = min(raters, prompts) - 1
    if df < 1:
        return Power(0.0, 1.0, votes, raters)
    reach = stdtrit(df, 1 - alpha / 2) * error
    return Power(float((np.abs(mean - 0.5) > reach).mean()), float(2 * reach.mean()), votes, raters)


def _given_out(prompts: int, votes_per_trial: int, raters: int) -> np.ndarray:
    """Whose vote is which: round by round through the prompts, so that nobody meets a prompt twice; [votes]."""
    order = np.arange(prompts * votes_per_trial)
    return order // max(1, math.ceil(len(order) / raters))


def _simulated(share: float, prompt, rater, crowd: Crowd, studies: int, seed: int) -> np.ndarray:
    """Votes of many studies: 1, 0.5 or 0, [studies, votes]."""
    rng = np.random.default_rng(seed)
    by_rater = rng.normal(0, crowd.rater, (studies, int(rater.max()) + 1))
    by_prompt = rng.normal(0, crowd.prompt, (studies, int(prompt.max()) + 1))
    felt = crowd.effect(share) + by_rater[:, rater] + by_prompt[:, prompt] + rng.logistic(size=(studies, len(rater)))
    values = np.where(np.abs(felt) < crowd.margin, 0.5, felt > 0)
    by_chance = rng.random(felt.shape) >= crowd.attention
    return np.where(by_chance, rng.random(felt.shape) < 0.5, values).astype(float)


def _clustered(values: np.ndarray, rater: np.ndarray, prompt: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means and their two-way clustered standard errors, [studies]; as `statistics.clustered_error`, all at once."""
    mean = values.mean(axis=1)
    rest = values - mean[:, None]
    both = rater * (int(prompt.max()) + 1) + prompt
    by_rater, by_prompt, by_both = (_variance(rest, codes) for codes in (rater, prompt, both))
    return mean, np.sqrt(np.maximum(np.maximum(by_rater + by_prompt - by_both, by_rater), by_prompt))


def _variance(rest: np.ndarray, codes: np.ndarray) -> np.ndarray:
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    sums = np.add.reduceat(rest[:, order], starts, axis=1)
    n = len(starts)
    return (sums**2).sum(axis=1) / rest.shape[1] ** 2 * n / max(n - 1, 1)


def votes_per_trial_for(share: float, *, prompts: int, trials_per_session: int, crowd: Crowd, most: int) -> int | None:
    """The fewest votes a trial whose power is enough, up to `most`; None where that is not."""
    rest: dict[str, Any] = {"prompts": prompts, "trials_per_session": trials_per_session, "crowd": crowd}
    return _fewest(most, lambda n: preference_power(share, votes_per_trial=n, **rest).value >= ENOUGH)


def prompts_for(share: float, *, votes_per_trial: int, trials_per_session: int, crowd: Crowd, most: int) -> int | None:
    """The fewest prompts heard whose power is enough, up to `most`; None where that is not."""
    rest: dict[str, Any] = {
        "votes_per_trial": votes_per_trial,
        "trials_per_session": trials_per_session,
        "crowd": crowd,
    }
    return _fewest(most, lambda n: preference_power(share, prompts=n, **rest).value >= ENOUGH)


def _fewest(most: int, enough: Callable[[int], bool]) -> int | None:
    """By doubling, then halving: what is enough stays enough with more."""
    high = 1
    while not enough(high):
        if high == most:
            return None
        high = min(most, 2 * high)
    low = high // 2 + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return high


def gain_power(gain: float, *, between: float, within: float, prompts: int, takes: int, alpha: float = ALPHA) -> float:
    """That a paired test over prompts sees a mean gain: two-sided t (Cohen 1988).

    between: standard deviation of true differences from prompt to prompt; within: of a difference of two single takes
    of one prompt. All in the unit of the gain.
    """
    if prompts < 2:
        return 0.0
    spread = math.sqrt(between**2 + within**2 / takes)
    if not spread:
        return 1.0 if gain else alpha
    shift, limit = abs(gain) / spread * math.sqrt(prompts), stdtrit(prompts - 1, 1 - alpha / 2)
    if prompts > MANY:
        return float(ndtr(shift - limit) + ndtr(-shift - limit))
    return float(1 - nctdtr(prompts - 1, shift, limit) + nctdtr(prompts - 1, shift, -limit))


def prompts_for_gain(gain: float, *, between: float, within: float, takes: int, power: float = ENOUGH) -> int | None:
    """The fewest prompts that see the gain with this power; None where a hundred thousand do not."""
    if not gain:
        return None
    spread: dict[str, Any] = {"between": between, "within": within, "takes": takes}
    return _fewest(100_000, lambda n: gain_power(gain, prompts=n, **spread) >= power)


def independent_power(share: float, votes: int, alpha: float = ALPHA) -> float:
    """Of a two-sided test of a proportion on votes that share nothing: what clustered votes can at best reach."""
    z = -float(ndtri(alpha / 2))
    gap = abs(share - 0.5) * math.sqrt(votes)
    spread = math.sqrt(share * (1 - share))
    return float(ndtr((gap - z * 0.5) / spread) + ndtr((-gap - z * 0.5) / spread))
