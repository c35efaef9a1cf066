"""What may be answered to each question, what it says of each clip, and what is refused."""

import pytest

from listening.answers import Answer, parse
from listening.errors import BadChoice
from listening.models import Question


def question(kind: str, **fields) -> Question:
    return Question(kind=kind, **fields)


@pytest.mark.parametrize(
    ("choice", "values"),
    [("a", {"a": 1, "b": 0}), ("b", {"a": 0, "b": 1}), ("tie", {"a": 0.5, "b": 0.5}), ("bad", {"a": 0, "b": 0})],
)
def test_a_preference_gives_its_vote_to_one_clip_or_half_to_each(choice, values):
    assert parse(question("preference", both_bad=True), "ab", {"choice": choice}) == Answer(choice, values)


@pytest.mark.parametrize("choice", ["tie", "bad", "c", "", "A"])
def test_what_the_question_does_not_offer_is_refused(choice):
    with pytest.raises(BadChoice):
        parse(question("preference", ties=False, both_bad=False), "ab", {"choice": choice})


@pytest.mark.parametrize(
    ("step", "choice", "values"),
    [
        ("-3", "a", {"a": 3, "b": -3}),
        ("-1", "a", {"a": 1, "b": -1}),
        ("0", "tie", {"a": 0, "b": 0}),
        ("2", "b", {"a": -2, "b": 2}),
    ],
)
def test_a_comparison_says_how_much_better_b_is(step, choice, values):
    assert parse(question("cmos"), "ab", {"value": step}) == Answer(choice, values)


@pytest.mark.parametrize("kind", ["relevance", "quality"])
def test_one_clip_has_one_mark(kind):
    assert parse(question(kind), "a", {"value_a": "0"}) == Answer("rated", {"a": 0})


def test_every_clip_of_several_has_a_mark():
    given = {"value_a": "10", "value_b": "100", "value_c": "10"}
    assert parse(question("mushra"), "abc", given).values == {"a": 10, "b": 100, "c": 10}
    with pytest.raises(BadChoice):
        parse(question("mushra"), "abcd", given)


def test_best_and_worst_are_two_of_four():
    chosen = parse(question("best_worst"), "abcd", {"best": "c", "worst": "a"})
    assert chosen == Answer("c", {"a": -1, "b": 0, "c": 1, "d": 0})


@pytest.mark.parametrize("given", [{"best": "a", "worst": "a"}, {"best": "a"}, {"best": "e", "worst": "a"}, {}])
def test_best_and_worst_that_are_not_two_are_refused(given):
    with pytest.raises(BadChoice):
        parse(question("best_worst"), "abcd", given)


@pytest.mark.parametrize("mark", ["", "-1", "101", "50.5", "٣", "1e1", "ten", " 5", "--5", "9" * 50])
def test_what_is_no_whole_mark_on_the_scale_is_refused(mark):
    with pytest.raises(BadChoice):
        parse(question("quality"), "a", {"value_a": mark})


@pytest.mark.parametrize("step", ["4", "-4", "1.5", "", "-", "+1"])
def test_what_is_no_step_of_a_comparison_is_refused(step):
    with pytest.raises(BadChoice):
        parse(question("cmos"), "ab", {"value": step})
