"""What votes teach: the mathematics against references, and what a head says without any votes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from inference.judging import evidence, fitting
from inference.judging.evidence import Evidence, preferences
from inference.judging.fitting import Strength, covariance, fit, prior_mean
from inference.judging.learning import PLAIN, learn
from inference.judging.sides import Sides, units

DIM, PROMPTS, A_PROMPT = 6, 12, 4


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def pairs(seed: int = 1) -> Sides:
    """Several pairs of clips a prompt."""
    chance = np.random.default_rng(seed)
    texts = np.repeat(unit(chance.normal(size=(PROMPTS, DIM))), A_PROMPT, axis=0)
    first, second = (unit(chance.normal(size=(len(texts), DIM))) for _ in range(2))
    return Sides(texts, first, second)


def voted(d: np.ndarray, each: int, log_nu: float = -1.0, seed: int = 2) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return np.array([chance.multinomial(each, p) for p in np.exp(evidence.log_chances(d, log_nu))], float)


def test_chances_of_the_three_answers_are_davidsons():
    (first, second, tie) = np.exp(evidence.log_chances(np.array([0.8]), np.log(0.5)))[0]

    odds = [*np.exp([0.4, -0.4]), 0.5]
    assert [first, second, tie] == pytest.approx(np.array(odds) / sum(odds), rel=1e-12)
    assert evidence.chance(np.array([0.8, 900.0]), -np.inf) == pytest.approx([1 / (1 + np.exp(-0.8)), 1.0])


def test_slope_and_curve_are_derivatives_of_the_likelihood():
    d, step = np.array([-1.3, 0.0, 2.1]), 1e-5
    seen = Evidence(
        np.array([[3.0, 1, 2], [0, 0, 0], [5, 0, 1]]), np.array([0.0, 0.7, -1.0]), np.array([0.0, 2.0, 0.3])
    )

    slope, curve = evidence.slope_and_curve(d, seen, -0.4)

    above, here, below = (evidence.log_likelihood(d + at, seen, -0.4) for at in (step, 0, -step))
    assert slope == pytest.approx((above - below) / (2 * step), abs=1e-8)
    assert curve == pytest.approx(-(above - 2 * here + below) / step**2, abs=1e-4)


def test_the_mode_is_where_scipy_finds_it():
    sides = pairs()
    per = [units(sides)]
    prior, mean = covariance([sides], [sides], per, Strength(1.0, 2.0)), prior_mean([sides], per)
    seen = preferences(voted(2 * mean, 3))
    found = fit(prior, mean, seen)

    def cost(v: np.ndarray) -> float:  # d = mean + L v, v standard normal
        d = mean + root @ v[:-1]
        return float(v[:-1] @ v[:-1] / 2 - evidence.log_likelihood(d, seen, v[-1]).sum())

    root = np.linalg.cholesky(prior + 1e-10 * np.eye(len(mean)))
    best = minimize(cost, np.zeros(len(mean) + 1), method="L-BFGS-B", options={"maxiter": 5000, "ftol": 1e-13})
    assert found.d == pytest.approx(mean + root @ best.x[:-1], abs=2e-3)
    assert found.log_nu == pytest.approx(best.x[-1], abs=2e-3)


def test_the_head_says_of_pairs_what_the_process_says():
    sides, others = pairs(), pairs(seed=9)
    seen = preferences(voted(3 * sides.clap + sides.apart[:, 0], 4))
    learned = learn([sides], seen, [Strength(1.0, 3.0)])

    across = covariance([others], learned.sides, learned.per, learned.head.strength)
    assert learned.head.differences([others]) == pytest.approx(
        prior_mean([others], learned.per) + across @ learned.fit.weights, abs=1e-9
    )


def test_without_votes_a_judge_is_plain_clap():
    sides = pairs()
    head = learn([sides], preferences(np.zeros((len(sides), 3)))).head

    assert head.unit * head.utility([sides.texts], [sides.first]) == pytest.approx(
        np.einsum("pd,pd->p", sides.texts, sides.first), abs=1e-9
    )
    assert head.strength == PLAIN


def test_a_taste_is_learned_that_no_text_asks_for():
    sides = pairs()
    liked = 3 * sides.clap + 4 * sides.apart[:, 0]
    head = learn([sides], preferences(voted(liked, 6))).head

    others = pairs(seed=7)
    told = np.corrcoef(head.differences([others]), 3 * others.clap + 4 * others.apart[:, 0])[0, 1]
    assert told > 0.85 > 0.75 > np.corrcoef(others.clap, 3 * others.clap + 4 * others.apart[:, 0])[0, 1]


def test_a_scale_answer_pulls_as_its_precision_says():
    """One pair: a Gaussian prior times a Gaussian likelihood."""
    seen = Evidence(np.zeros((1, 3)), np.array([2.0]), np.array([3.0]))

    found = fit(np.array([[0.5]]), np.array([-1.0]), seen)

    assert found.d[0] == pytest.approx((-1 / 0.5 + 2 * 3) / (1 / 0.5 + 3))


def test_what_was_voted_on_is_known_better_than_what_is_far_from_it():
    sides = pairs()
    learned = learn([sides], preferences(voted(3 * sides.clap, 20)), [Strength(1.0, 3.0)])
    own = covariance(learned.sides, learned.sides, learned.per, learned.head.strength)

    left = fitting.variance(learned.fit, own, own, np.diag(own))

    assert (left < np.diag(own) / 3).all()
    exact = own - own @ np.linalg.solve(own + np.diag(1 / learned.fit.curve), own)
    assert left == pytest.approx(np.diag(exact), abs=1e-8)
