"""95 % intervals hold the truth in 93 to 97 % of simulated studies, with raters and prompts that come back."""

import numpy as np
import pytest

from results.measures import coverage

STUDIES = 1_000
HONEST = (0.93, 0.97)


@pytest.mark.parametrize("design", coverage.DESIGNS, ids=lambda design: design.name.split(":")[0])
def test_shares_of_votes(design):
    assert HONEST[0] <= coverage.share_coverage(design, STUDIES, seed=1) <= HONEST[1]


@pytest.mark.parametrize("prompts", [20, 82])
def test_gains_over_prompts_even_skewed_ones(prompts):
    assert HONEST[0] <= coverage.gain_coverage(prompts, STUDIES, seed=1) <= HONEST[1]


def test_strengths_of_arms():
    assert HONEST[0] <= coverage.strength_coverage(60, 40, 10, STUDIES, seed=1) <= HONEST[1]


def test_an_interval_that_takes_votes_for_independent_does_not():
    """What the clustering is for: where raters have tendencies, the plain interval of a proportion is too narrow."""
    design = next(each for each in coverage.DESIGNS if each.name.startswith("strong"))
    rng = np.random.default_rng(1)
    truth, held = coverage.true_share(design, rng), 0
    for _ in range(STUDIES):
        values = coverage.simulate(design, rng)[2]
        reach = 1.96 * values.std() / np.sqrt(len(values))
        held += abs(values.mean() - truth) <= reach

    assert held / STUDIES < 0.8
