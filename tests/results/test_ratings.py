"""Ratings, comparisons, best and worst: means with intervals, each population for itself."""

import numpy as np
import pytest
from django.urls import reverse

from listening.actions.decide import decide
from listening.actions.open_trials import open_trials
from listening.quality.rules import Finding
from listening.query import RatingRow
from listening.simulation import simulate
from results.ratings import ratings
from results.statistics import bounded_mean, clustered_error
from results.summary import results_of
from studies.models import Study
from tests import factories
from tests.listening.raters import consented, take_and_vote
from tests.once import once

ARMS = ("original", "instruct", "instruct_icl", "best_of_n")
WORTH = {"original": 0.2, "instruct": 0.4, "instruct_icl": 0.6, "best_of_n": 0.8}


def asked(kind: str) -> Study:
    study = once(evaluated)
    study.listening_questions.update(kind=kind)
    open_trials(study=study)
    simulate(study=study, raters=12, seed=1)
    return study


def evaluated() -> Study:
    made = factories.study(
        prompt_set=factories.prompt_set(test=8),
        arms=ARMS,
        listening_pairs=[[arm, "original"] for arm in ARMS[1:]],
        votes_per_trial=3,
        trials_per_session=8,
    )
    return factories.complete(made, values=WORTH)


@pytest.mark.parametrize("kind", ["relevance", "quality", "mushra", "best_worst"])
def test_better_arms_have_higher_means(db, kind):
    found = results_of(once(asked, kind))["ratings"]

    assert {row["question"] for row in found} == {kind}
    assert [row["arm"] for row in sorted(found, key=lambda row: row["mean"])] == list(ARMS)
    assert all(row["simulated"] and row["versus"] is None for row in found)
    for row in found:
        low, high = row["interval"]
        assert row["scale"][0] <= low < row["mean"] < high <= row["scale"][1]


def test_a_comparison_says_how_much_better_the_first_arm_of_the_pair_is(db):
    found = results_of(once(asked, "cmos"))["ratings"]

    assert {(row["arm"], row["versus"]) for row in found} == {(arm, "original") for arm in ARMS[1:]}
    by_arm = {row["arm"]: row["mean"] for row in found}
    assert 0 < by_arm["instruct"] < by_arm["best_of_n"] <= 3


def test_the_interval_is_that_of_means_clustered_by_rater_and_prompt():
    """Ten raters who each mark ten prompts: half the interval is about t times the clustered error."""
    rng = np.random.default_rng(4)
    raters, prompts = (np.repeat(np.arange(10), 10), np.tile(np.arange(10), 10))
    marks = np.clip(50 + 8 * rng.standard_normal(10)[raters] + 8 * rng.standard_normal(10)[prompts], 0, 100)

    estimate = bounded_mean(raters, prompts, marks, 0, 100)

    error = clustered_error(raters, prompts, marks) * np.sqrt(10 / 9)
    assert estimate.value == pytest.approx(marks.mean())
    assert (estimate.high - estimate.low) / 2 == pytest.approx(2.26 * error, rel=0.1)


def test_a_scale_moves_and_stretches_the_interval_and_nothing_else():
    rng = np.random.default_rng(1)
    raters, prompts, marks = np.arange(40) % 8, np.arange(40) % 5, rng.random(40)

    unit, wide = (bounded_mean(raters, prompts, low + marks * size, low, low + size) for low, size in ((0, 1), (-3, 6)))

    assert wide[:3] == pytest.approx([-3 + 6 * end for end in unit[:3]])


def test_people_and_simulated_raters_stay_apart():
    rows = [RatingRow(1, "quality", 1, "original", "", rater, rater > 2, 50.0 + rater) for rater in range(1, 5)]

    found = ratings(rows, [])

    assert [(row["simulated"], row["votes"], row["mean"]) for row in found] == [(False, 2, 51.5), (True, 2, 53.5)]


def test_nobody_rated_is_no_mean():
    with pytest.raises(ValueError, match="at least one"):
        bounded_mean(np.array([]), np.array([]), np.array([]), 0, 100)


def test_sessions_that_are_not_used_are_in_no_figure_and_said(client, db):
    study = factories.complete(factories.study(trials_per_session=3))
    open_trials(study=study)
    session = consented(study)
    while take_and_vote(session):
        pass
    assert results_of(study)["votes"] == 3

    decide(session=session, about="use", value=False, reasons=[Finding("hand", "x")])

    results = results_of(study)
    assert (results["votes"], results["sessions_excluded"], results["preference"]) == (0, 1, [])
    assert "1 session of raters not used" in [notice["title"] for notice in results["notices"]]


def test_the_page_shows_the_ratings(client, db):
    study = once(asked, "quality")
    reader = factories.user()
    study.team.memberships.create(user=reader, role="viewer")
    client.force_login(reader)

    text = client.get(reverse("results:study", args=[study.slug])).text

    assert "Quality of one clip: 0 … 100" in text and "Nobody has voted yet" not in text
