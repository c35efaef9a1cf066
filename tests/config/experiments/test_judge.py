"""What is said of judges that crowds have taught, from what each judge keeps of its own measure."""

import pytest

from config.experiments import judge
from config.experiments.judge import LEARNED, Taught


def taught(seed: int, *, clap: float, from_few: float | None, losses=(0.8, 0.7)) -> Taught:
    curve = [{"votes": 40, "value": clap}, {"votes": LEARNED, "value": from_few}, {"votes": 600, "value": 0.6}]
    measured = {
        "curve": curve if from_few is not None else curve[:1],
        "clap": {"correlation": clap, "log_loss": losses[0]},
        "judge": {"correlation": 0.6, "log_loss": losses[1]},
    }
    return Taught("careful", seed, measured)


@pytest.mark.parametrize(("first", "second", "held"), [(0.3, 0.4, True), (0.3, 0.1, None), (0.24, 0.1, False)])
def test_a_judge_gains_enough_where_it_does_in_every_seed(first, second, held):
    claim = judge.gains("careful", [taught(1, clap=0.1, from_few=first), taught(2, clap=0.1, from_few=second)])

    assert claim.held is held
    assert claim.numbers == f"by seed {first:.2f} where CLAP has 0.10, {second:.2f} where CLAP has 0.10"


def test_where_nobody_gave_so_many_votes_nothing_is_claimed():
    assert judge.gains("careful", [taught(1, clap=0.1, from_few=None)]).held is None


@pytest.mark.parametrize(("second", "held"), [((0.8, 0.6), True), ((0.6, 0.8), None)])
def test_a_judge_is_surer_where_it_is_in_every_seed(second, held):
    both = [taught(1, clap=0.1, from_few=0.3), taught(2, clap=0.1, from_few=0.3, losses=second)]

    assert judge.surer("careful", both).held is held


def test_a_curve_is_a_line_a_seed_with_clap_level_beside_it():
    rows = judge._points(taught(2, clap=0.1, from_few=0.3))

    assert [(row["votes"], row["value"]) for row in rows if not row["level"]] == [(40, 0.1), (LEARNED, 0.3), (600, 0.6)]
    assert [(row["votes"], row["value"]) for row in rows if row["level"]] == [(40, 0.1), (600, 0.1)]
    assert {row["seed"] for row in rows} == {2}
