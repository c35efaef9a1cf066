"""Who listens passes traps and gold, who does not fails them."""

import pytest

from listening.checks import passed
from listening.models import Question


def check(kind: str, treatments: dict, values: dict) -> bool:
    return passed(Question(kind=kind), treatments, values)


@pytest.mark.parametrize(
    ("kind", "treatments", "right", "wrong"),
    [
        ("preference", {"a": "", "b": "say-best"}, {"a": 0, "b": 1}, {"a": 1, "b": 0}),
        ("preference", {"a": "", "b": "say-best"}, {"a": 0, "b": 1}, {"a": 0.5, "b": 0.5}),
        ("cmos", {"a": "say-best", "b": ""}, {"a": 1, "b": -1}, {"a": 0, "b": 0}),
        ("quality", {"a": "say-best"}, {"a": 85}, {"a": 79}),
        ("quality", {"a": "say-worst"}, {"a": 15}, {"a": 21}),
        ("mushra", {"a": "", "b": "say-worst", "c": ""}, {"a": 5, "b": 0, "c": 9}, {"a": 5, "b": 50, "c": 9}),
        ("best_worst", {"a": "say-best", "b": "", "c": "", "d": ""}, {"a": 1, "b": -1, "c": 0, "d": 0},
         {"a": 0, "b": -1, "c": 1, "d": 0}),
        ("best_worst", {"a": "", "b": "", "c": "say-worst", "d": ""}, {"a": 1, "b": 0, "c": -1, "d": 0},
         {"a": 1, "b": -1, "c": 0, "d": 0}),
    ],
)  # fmt: skip
def test_a_voice_that_asks_for_an_answer_gets_it(kind, treatments, right, wrong):
    assert check(kind, treatments, right)
    assert not check(kind, treatments, wrong)


@pytest.mark.parametrize(
    ("kind", "treatments", "right", "wrong"),
    [
        ("preference", {"a": "degrade-4", "b": ""}, {"a": 0, "b": 1}, {"a": 1, "b": 0}),
        ("preference", {"a": "degrade-4", "b": ""}, {"a": 0, "b": 1}, {"a": 0.5, "b": 0.5}),
        ("cmos", {"a": "", "b": "degrade-4"}, {"a": 1, "b": -1}, {"a": -1, "b": 1}),
        ("quality", {"a": "degrade-4"}, {"a": 30}, {"a": 90}),
        ("relevance", {"a": "noise"}, {"a": 10}, {"a": 60}),
        ("mushra", {"a": "", "b": "degrade-4", "c": ""}, {"a": 60, "b": 10, "c": 5}, {"a": 60, "b": 80, "c": 5}),
        ("best_worst", {"a": "", "b": "degrade-4", "c": "", "d": ""}, {"a": 1, "b": 0, "c": 0, "d": -1},
         {"a": 0, "b": 1, "c": 0, "d": -1}),
    ],
)  # fmt: skip
def test_what_was_made_worse_is_not_preferred(kind, treatments, right, wrong):
    assert check(kind, treatments, right)
    assert not check(kind, treatments, wrong)
