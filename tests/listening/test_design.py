"""The active design: votes go where they teach most, and no arm is cut off."""

import random
from collections import Counter

import numpy as np
import pytest

from listening import design
from listening.actions.open_trials import open_trials
from tests import factories
from tests.listening.raters import consented, take_and_vote

PAIRS = [(1, 2), (1, 3), (2, 3)]


def first_draws(won: dict, pairs=PAIRS, draws: int = 3000) -> Counter:
    chance = random.Random(5)
    return Counter(design.order(pairs, won, chance)[0] for _ in range(draws))


def test_strengths_are_those_of_bradley_and_terry():
    """Two arms, 30 : 10, hardly any prior: the log odds are ln 3 and the variance 1/30 + 1/10."""
    strengths, covariance = design.fit(2, {(0, 1): 30.0, (1, 0): 10.0})
    plain = np.log(3)
    assert strengths[0] - strengths[1] == pytest.approx(plain, rel=0.08)  # shrunk by the prior
    spread = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert spread == pytest.approx(1 / 30 + 1 / 10, rel=0.15)


def test_a_pair_that_is_known_teaches_less_than_one_that_is_open():
    won = {(1, 2): 40.0, (2, 1): 2.0, (1, 3): 3.0, (3, 1): 2.0, (2, 3): 1.0, (3, 2): 2.0}
    taught = design.information(PAIRS, won)
    assert taught[1, 2] < taught[1, 3] < taught[2, 3] * 2
    drawn = first_draws(won)
    assert drawn[1, 2] < drawn[1, 3]
    assert drawn[1, 2] < drawn[2, 3]


def test_a_pair_that_is_settled_is_still_asked_now_and_then():
    drawn = first_draws({(1, 2): 500.0, (1, 3): 2.0, (3, 1): 2.0, (2, 3): 2.0, (3, 2): 2.0})
    assert drawn[1, 2] > 0.04 * 3000


def test_arms_that_no_votes_connect_are_connected_first():
    assert set(first_draws({(1, 2): 3.0}, draws=200)) == {(1, 3), (2, 3)}


def test_every_pair_is_offered_once():
    assert sorted(design.order(PAIRS, {}, random.Random(1))) == PAIRS


def test_an_active_study_asks_more_about_arms_that_are_close(db):
    """Arm 0 loses to both others always; the other two are even."""
    arms = ("original", "instruct", "best_of_n")
    pairs = [["original", "instruct"], ["original", "best_of_n"], ["instruct", "best_of_n"]]
    made = factories.study(
        prompt_set=factories.prompt_set(test=24), arms=arms, listening_pairs=pairs, listening_prompts=24,
        trials_per_session=12, votes_per_trial=2,
    )  # fmt: skip
    study = factories.bare(factories.complete(made), design="active", votes_wanted=72)
    open_trials(study=study)
    chance = random.Random(2)

    votes = 0
    while given := vote_like(study, chance):
        votes += given

    asked = Counter(study.trials.filter(votes_people__gt=0).values_list("arms", flat=True))
    by_arms = {key: sum(t.votes_people for t in study.trials.filter(arms=key)) for key in asked}
    original = study.arms.get(key="original").pk
    close = [count for key, count in by_arms.items() if str(original) not in key.split("-")]
    assert votes == 72 == sum(by_arms.values())
    assert len(by_arms) == 3
    assert close[0] > 72 / 3 * 1.1


def vote_like(study, chance: random.Random) -> int:
    """One session: the original never wins."""
    from listening.actions.take_trial import take_trial
    from tests.listening.raters import NOW, answer, serve

    session, votes = consented(study), 0
    session.token = f"rater {chance.random()}"  # the draws follow it: the same in every run
    session.save()
    while shown := take_trial(session=session, now=NOW):
        serve(shown)
        heard = sorted(shown.playbacks.all(), key=lambda one: one.stimulus.arm.key)  # "original" last
        preferred = heard[0] if heard[1].stimulus.arm.key == "original" else chance.choice(heard)
        choice = preferred.letter
        answer(shown, choice, session=session)
        votes += 1
    return votes


def test_a_study_that_wants_so_many_votes_gets_exactly_these(study):
    factories.bare(study, votes_wanted=5)

    given = [take_and_vote(session) for session in [consented(study) for _ in range(4)] for _ in range(3)]

    assert sum(vote is not None for vote in given) == 5
