"""Alignment against fidelity: which arms and epochs no other one beats, and where the front bends."""

from __future__ import annotations

import random

import pytest

from results.figures import FIGURES
from results.measures.pareto import front, knee
from results.opened import Opened
from results.tables import TABLES
from results.trade_off import ARMS, EPOCHS, points


def beaten(i: int, x: list[float], y: list[float]) -> bool:
    """From the definition, against every other point."""
    return any(x[j] >= x[i] and y[j] >= y[i] and (x[j] > x[i] or y[j] > y[i]) for j in range(len(x)))


@pytest.mark.parametrize("seed", range(60))
def test_the_front_is_what_no_point_beats(seed):
    rng = random.Random(seed)
    most = rng.choice((3, 10, 1000))  # few values: many equal ones
    x, y = ([rng.randrange(most) / most for _ in range(rng.randrange(12))] for _ in range(2))
    x, y = x[: len(y)], y[: len(x)]

    found = front(x, y)

    assert sorted(found) == [i for i in range(len(x)) if not beaten(i, x, y)]
    assert [x[i] for i in found] == sorted(x[i] for i in found)
    assert [y[i] for i in found] == sorted((y[i] for i in found), reverse=True)


@pytest.mark.parametrize("seed", range(40))
def test_the_knee_is_furthest_from_the_line_between_the_ends(seed):
    """The distance of a point from a line, by the cross product; in other units of either wish it is the same knee."""
    rng = random.Random(seed)
    x, y = ([rng.random() for _ in range(30)] for _ in range(2))
    on = front(x, y)
    (ax, bx), (ay, by) = ((values[on[0]], values[on[-1]]) for values in (x, y))

    def distance(i: int) -> float:
        u, v = (x[i] - ax) / (bx - ax), (y[i] - by) / (ay - by)
        return (u * 1 + v * 1 - 1) / 2**0.5  # the line from (0, 1) to (1, 0)

    found = knee(x, y, on)

    if len(on) < 3 or max(map(distance, on)) <= 0:
        assert found is None
    else:
        assert distance(found) == pytest.approx(max(map(distance, on)))
        assert knee([100 * each - 7 for each in x], [0.01 * each + 3 for each in y], on) == found


def test_a_front_that_bends_inwards_or_has_two_ends_has_no_knee():
    assert knee([0.0, 0.2, 1.0], [1.0, 0.2, 0.0], [0, 1, 2]) is None
    assert knee([0.0, 0.5, 1.0], [1.0, 0.5, 0.0], [0, 1, 2]) is None
    assert knee([0.0, 1.0], [1.0, 0.0], [0, 1]) is None
    assert knee([0.0, 0.9, 1.0], [1.0, 0.9, 0.0], [0, 1, 2]) == 1
    assert front([], []) == []


def test_arms_and_epochs_are_told_apart_and_each_has_its_front(voted):
    found = points(Opened(voted))
    arms = [point for point in found if point.of == ARMS and point.measure == "kept_terms"]
    epochs = [point for point in found if point.of == EPOCHS]

    assert {point.arm for point in arms} == {"Original", "Instruct", "Instruct feedback", "Best of n"}
    assert {point.arm for point in arms if point.front} == {"Instruct feedback"}  # all keep every word
    assert [(point.epoch, point.fidelity, point.clap) for point in epochs] == [
        (0, 1.0, 0.3),
        (1, 0.95, 0.32),
        (2, 0.9, 0.36),
    ]
    assert all(point.front for point in epochs)
    assert [point.name for point in epochs if point.knee] == []  # the front bends inwards
    assert all(low <= point.clap <= high for point in arms for low, high in [point.clap_interval])


def test_chrf_is_a_share_like_the_others(voted):
    page = Opened(voted)
    arm = next(arm for arm in page.results["arms"] if arm["arm"] == "instruct")
    (point,) = [p for p in points(page) if p.of == ARMS and p.measure == "chrf" and p.arm == "Instruct"]

    assert point.fidelity == pytest.approx(arm["chrf"] / 100)
    assert point.fidelity_interval == pytest.approx([end / 100 for end in arm["chrf_interval"]])


def test_the_knee_is_drawn_and_written(voted):
    one = voted.arms.get(key="instruct_feedback").checkpoints.get()
    one.curve = [
        {"epoch": i, "clap": c, "fidelity": f} for i, (c, f) in enumerate([(0.3, 1.0), (0.39, 0.95), (0.4, 0.5)])
    ]
    one.save()
    page = Opened(voted)

    drawn = [row for row in FIGURES["pareto"].rows(page) if row["knee"]]
    written = [row for row in TABLES["pareto"](page).rows if row["stands"] == "knee"]

    assert [(row["arm"], row["epoch"]) for row in drawn if row["of"] == EPOCHS] == [("Instruct feedback", 1)]
    assert [row["name"] for row in written if row["of"].startswith("Epochs")] == ["Instruct feedback, epoch 1"]


def test_epochs_of_another_study_are_not_this_one_s(voted):
    arm = voted.arms.get(key="instruct_feedback")
    arm.checkpoints.update(origin="elsewhere/plain/1")

    assert [point for point in points(Opened(voted)) if point.of == EPOCHS] == []
    assert {row["arm"] for row in TABLES["training"](Opened(voted)).rows} == {
        "Instruct feedback, from elsewhere/plain/1"
    }
