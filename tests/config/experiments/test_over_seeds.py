"""Numbers over seeds: a prompt's value is its mean over them, and a claim is judged by the interval over prompts."""

from types import SimpleNamespace

import numpy as np
import pytest

from config.experiments import over_seeds, sample_efficiency
from config.experiments.experiment import Run
from results.measurements import Measurements
from results.statistics import mean_intervals

PROMPTS = 40


def runs(**gains: float) -> list[Run]:
    """Two seeds of arms that gain so much over the original, with some noise."""
    return [Run(seed, "r", SimpleNamespace(measured=measured(seed, gains))) for seed in (1, 2)]


def measured(seed: int, gains: dict[str, float]) -> Measurements:
    rng = np.random.default_rng(seed)
    base = rng.uniform(0.2, 0.4, PROMPTS)
    columns = {(key, "clap"): base + gain + rng.normal(0, 0.02, PROMPTS) for key, gain in gains.items()}
    return Measurements([], list(range(PROMPTS)), columns | {("original", "clap"): base}, {}, {}, {})


def test_a_gain_is_the_mean_over_seeds_of_each_prompt():
    both = runs(instruct=0.1)
    found = over_seeds.gain(both, "instruct", "original")

    each = [
        run.page.measured.columns["instruct", "clap"] - run.page.measured.columns["original", "clap"] for run in both
    ]
    (by_hand,) = mean_intervals(np.mean(each, axis=0)[:, None])
    assert found.pooled == pytest.approx(by_hand)
    assert [seed.value for seed in found.seeds] == pytest.approx([each[0].mean(), each[1].mean()])


@pytest.mark.parametrize(("gain", "held"), [(0.1, True), (-0.1, False), (0.0005, None)])
def test_a_claim_is_held_refuted_or_open_by_where_its_interval_lies(gain, held):
    claim = over_seeds.above("It gains.", over_seeds.gain(runs(instruct=gain), "instruct", "original"))
    assert claim.held is held
    assert "of 2 seeds show it alone" in claim.numbers and f"{PROMPTS} prompts" in claim.numbers


def test_a_claim_may_allow_for_a_loss():
    lost = over_seeds.gain(runs(instruct=-0.02), "instruct", "original")
    assert over_seeds.above("It loses little.", lost, than=-0.05).held is True
    assert over_seeds.above("It loses nothing.", lost).held is False


def test_a_curve_levels_off_at_the_first_size_that_no_larger_one_beats():
    gains = {0: 0.05, 2: 0.08, 5: 0.12, 10: 0.1205, 20: 0.1203}
    arms = [(n, SimpleNamespace(key=f"n{n}")) for n in gains]
    seen = runs(**{f"n{n}": gain for n, gain in gains.items()})

    assert sample_efficiency.levels_at(seen, arms) == 5
    assert sample_efficiency.level_off(seen, arms).held is True
    late = runs(**{f"n{n}": 0.01 * n for n in gains})
    assert sample_efficiency.levels_at(late, arms) == 20
    assert sample_efficiency.level_off(late, arms).held is False
