"""The bars that people watch."""

import pytest

from studies import actions
from studies.progress import progress, time_left
from tests import factories
from tests.studies import driver

pytestmark = pytest.mark.django_db
ALL = ("original", "instruct", "instruct_icl", "instruct_feedback", "best_of_n")


@pytest.fixture
def study():
    made = factories.study(arms=ALL, evaluation_takes=2, listening_pairs=[])
    made.arms.filter(key="instruct_feedback").update(parameters={"training_prompts": 3, "candidates": 4})
    made.arms.filter(key="best_of_n").update(parameters={"n": 3})
    return actions.launch(study=made, by=None)


def test_every_step_is_announced_before_its_first_row(study):
    steps = {step.kind: step for step in progress(study)}
    assert set(steps) == {"embedding", "rewrite", "clip", "score", "training"}
    assert steps["training"].total == 1
    # instruct, icl and feedback rewrite 4 prompts each; 3 × 4 and 4 × 3 candidates are ranked. instruct's greedy
    # rewrites are the first candidates of best of n too: equal rows are counted once as soon as they are known.
    assert steps["rewrite"].total == 4 + 4 + 4 + 12 + 12 - 4


def test_the_promised_total_is_what_is_made_at_the_end(study):
    promised = {step.kind: step.total for step in progress(study)}
    driver.drive(study)
    study.refresh_from_db()
    made = {step.kind: step for step in progress(study)}
    assert all(step.done == step.total for step in made.values())
    for kind, total in promised.items():
        assert made[kind].total <= total


def test_the_time_left_is_unknown_at_first_and_nothing_at_the_end(study):
    assert time_left(study, progress(study)) is None
    driver.drive(study)
    study.refresh_from_db()
    assert time_left(study, progress(study)).total_seconds() == 0


def test_watching_costs_the_same_queries_however_far_the_study_is(study, django_assert_max_num_queries):
    driver.drive(study, limit=5)
    with django_assert_max_num_queries(80):
        progress(study)
