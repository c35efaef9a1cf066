"""A judge is measured on what it did not learn from, and never judges what it did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.judging import curve, folds, measuring, weights
from inference.judging.checking import Material, held_out, plain
from inference.judging.choosing import worth
from inference.judging.evidence import preferences
from inference.judging.learning import Strength, learn
from inference.judging.weights import Heads, Straddles, Unreadable
from tests.inference.judging.test_fitting import A_PROMPT, PROMPTS, pairs, voted

STRENGTHS = (Strength(), Strength(1.0, 1.0))


@pytest.fixture
def material() -> Material:
    sides = pairs()
    prompt = np.repeat(np.arange(PROMPTS), A_PROMPT)
    votes = preferences(voted(3 * sides.clap + 4 * sides.apart[:, 0], 5))
    return Material((sides,), votes, prompt, folds.folds(np.arange(PROMPTS), 1)[prompt])


def test_votes_on_a_prompt_do_not_move_what_is_said_of_it(material):
    """Turned round, a fold's own votes change what is said of others; of its own, at most how surely it is said."""
    mine = material.fold == 0
    turned = material.seen.votes.copy()
    turned[mine] = turned[mine][:, [1, 0, 2]]

    before, after = held_out(material, STRENGTHS), held_out(replace(material, seen=preferences(turned)), STRENGTHS)

    said = [one.heads[0].differences(material.of(mine)[0]) / one.heads[0].sure for one in (before, after)]
    assert said[0] == pytest.approx(said[1])
    assert not np.allclose(before.d[~mine], after.d[~mine])


def test_prompts_that_share_a_text_are_held_out_together():
    texts = [{"sad bells"}, {"rain", "Rain, slow piano"}, {"a storm", "rain  slow PIANO!"}, {"x", "sad bells."}]

    family = folds.families(texts)

    assert family[0] == family[3] != family[1] == family[2]


def test_folds_keep_families_whole_and_even():
    family = np.array([0, 0, 0, 1, 2, 3, 4, 5, 6])

    found = folds.folds(family, seed=3, k=3)

    assert len(set(found[:3])) == 1
    assert sorted(np.bincount(found)) == [3, 3, 3]
    assert not np.array_equal(found, folds.folds(family, seed=4, k=3))


def test_the_judge_beats_clap_where_people_have_a_taste(material):
    judge, clap = held_out(material), plain(material)

    gain, low, high = measuring.gain(judge.foretold, clap.foretold, material.seen.votes, material.prompt)

    assert gain > 0.15 and low < gain < high
    told = [measuring.measured(one.d, one.log_nu, material.seen.votes) for one in (judge, clap)]
    assert told[0].log_loss < told[1].log_loss and told[0].brier < told[1].brier


def test_measures_of_a_small_example():
    d, votes = np.array([2.0, -2.0]), np.array([[3.0, 1, 0], [0, 4, 0]])

    found = measuring.measured(d, np.array([-np.inf, -np.inf]), votes)

    p = 1 / (1 + np.exp(-2.0))
    assert found.log_loss == pytest.approx(-(7 * np.log(p) + np.log(1 - p)) / 8)
    assert found.brier == pytest.approx(2 * (7 * (1 - p) ** 2 + p**2) / 8)
    assert found.right == 7 / 8
    assert found.correlation == pytest.approx(1.0)
    assert found.error == pytest.approx(abs(p - 3 / 4) / 2 + abs(p - 1) / 2)


def test_a_text_that_it_learned_from_is_judged_by_the_head_that_did_not(material):
    heads = saved(material, {"Sad  bells": 2, "rain": 3})

    assert heads.for_pair("sad bells!", "some new words") is heads.folds[2]
    assert heads.for_pair("new", "RAIN") is heads.folds[3]
    assert heads.for_pair("new", "newer") is heads.whole
    with pytest.raises(Straddles):
        heads.for_pair("sad bells", "rain")


def saved(material: Material, learned: dict[str, int]) -> Heads:
    judge = held_out(material, STRENGTHS)
    head = learn(material.sides, material.seen, STRENGTHS).head
    return Heads(head, judge.heads, {folds.mark(text): fold for text, fold in learned.items()})


def test_weights_come_back_as_they_were_and_the_same_votes_give_the_same_bytes(material):
    written = weights.to_bytes(saved(material, {"rain": 1}))
    again = weights.from_bytes(written)

    assert weights.to_bytes(again) == written == weights.to_bytes(saved(material, {"rain": 1}))
    sides = [pairs(seed=5)]
    assert again.folds[1].differences(sides) == pytest.approx(held_out(material, STRENGTHS).heads[1].differences(sides))


@pytest.mark.parametrize("content", [b"", b"pickle" * 9, b"\xff" * 40])
def test_bytes_that_are_no_judge_are_refused(content):
    with pytest.raises(Unreadable, match="train it again"):
        weights.from_bytes(content)


def test_the_curve_ends_with_all_the_votes_that_other_folds_have(material):
    points = curve.course(material, sizes=(20, 60, 10**6), draws=2)

    least = min(int(material.seen.votes[material.fold != fold].sum()) for fold in material.folds)
    assert [point.votes for point in points] == [20, 60, least]
    assert points[-1].value > points[0].value
    assert all(point.low <= point.value <= point.high for point in points)


def test_fewer_votes_are_drawn_from_those_there_are(material):
    fewer = curve.drawn(material.seen, 30, np.random.default_rng(1))

    assert fewer.votes.sum() == 30
    assert (fewer.votes <= material.seen.votes).all()


def test_a_pair_that_was_often_voted_on_teaches_less_than_a_new_one(material):
    votes = np.zeros_like(material.seen.votes)
    votes[: A_PROMPT * 3] = 10 * material.seen.votes[: A_PROMPT * 3]
    learned = learn(material.sides, preferences(votes), [Strength(1.0, 4.0)])

    found = worth(learned, material.sides)

    assert found[: A_PROMPT * 3].mean() < found[A_PROMPT * 3 :].mean() / 2
