"""What answers of every kind say of pairs of clips."""

from __future__ import annotations

import math

import pytest

from listening.judging.said import LOGISTIC, Answer, Pair, evidence, standardised


def answers(kind: str, *votes: dict[int, float], raters: tuple[int, ...] = (), prompt: int = 1) -> list[Answer]:
    """A vote a dictionary: value by clip."""
    return [
        Answer(number, 1, kind, raters[number] if raters else number, prompt, clip, value)
        for number, vote in enumerate(votes)
        for clip, value in vote.items()
    ]


def test_preferences_are_counted_whichever_side_a_clip_was_on():
    pairs, seen = evidence(answers("preference", {1: 1, 2: 0}, {2: 0, 1: 1}, {2: 1, 1: 0}, {1: 0.5, 2: 0.5}))

    assert pairs == [Pair(1, 1, 2)]
    assert seen.votes.tolist() == [[2, 1, 1]]


def test_a_comparison_says_which_is_better():
    _, seen = evidence(answers("cmos", {1: -2, 2: 2}, {1: 0, 2: 0}))

    assert seen.votes.tolist() == [[0, 1, 1]]


def test_the_two_in_the_middle_of_four_were_not_compared():
    pairs, seen = evidence(answers("best_worst", {1: 1, 2: 0, 3: 0, 4: -1}))

    assert Pair(1, 2, 3) not in pairs and len(pairs) == 5
    assert seen.votes.tolist() == [[1, 0, 0]] * 5


def test_scales_are_z_scored_within_each_listener():
    """One uses the whole scale, one its upper end: both say the same."""
    wide = [Answer(1, 1, "relevance", 1, p, p, 50 + 40 * sign) for p, sign in ((1, -1), (2, 1))]
    narrow = [Answer(2, 1, "relevance", 2, p, p, 90 + 2 * sign) for p, sign in ((1, -1), (2, 1))]

    found = standardised(wide + narrow)

    assert found[1, 1, 1] == found[1, 1, 1][::-1] == [-1.0, -1.0]
    assert found[1, 2, 2] == [1.0, 1.0]


def test_a_listener_who_gives_one_mark_alone_says_nothing():
    assert standardised(answers("quality", {1: 70}, {2: 70}, raters=(5, 5))) == {}


def test_a_rating_leads_by_what_its_noise_is_worth_in_logits():
    """Two clips, a rating each from two listeners of the same leaning: z = ±1, no noise known."""
    given = answers("relevance", {1: 60, 2: 40}, {1: 90, 2: 10})

    pairs, seen = evidence(given)

    assert pairs == [Pair(1, 1, 2)] and not seen.votes.any()
    assert seen.leads[0] == pytest.approx(2 * LOGISTIC / (math.sqrt(2) * 0.7))
    assert seen.precision[0] == pytest.approx(2 / LOGISTIC**2)  # of two ratings each; of one it is the logistic's own


def test_clips_of_different_prompts_are_no_pair():
    assert evidence(answers("quality", {1: 20, 2: 80}) + answers("quality", {3: 20, 4: 60}, prompt=2))[0] == [
        Pair(1, 1, 2),
        Pair(2, 3, 4),
    ]
