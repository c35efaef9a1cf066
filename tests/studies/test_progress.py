"""The bars that people watch."""

from datetime import timedelta

import pytest

from studies import actions
from studies.models import WORK, Clip
from studies.progress import effort, progress, time_left
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


def test_effort_is_the_share_of_the_workers_time_inside_calls():
    study = actions.launch(study=factories.study(), by=None)
    assert effort(study) is None
    study = driver.drive(study)
    began = study.finished_at - timedelta(seconds=100)
    for model in WORK.values():
        model.objects.update(finished_at=study.finished_at, seconds=0.0)
    clips = list(Clip.objects.values_list("pk", flat=True))
    Clip.objects.filter(pk=clips[0]).update(seconds=60.0, worker="here:2")
    Clip.objects.filter(pk=clips[1]).update(seconds=50.0)
    Clip.objects.filter(pk=clips[2]).update(seconds=1000.0, finished_at=began - timedelta(days=1))  # another study's
    study.launched_at = began
    made = effort(study)
    assert (made.processes, made.engine_seconds) == (2, 110.0)
    assert made.share == pytest.approx(110 / 200)
