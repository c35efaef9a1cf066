"""Expert prompts beside a study's own: evaluated like them, heard by nobody."""

from __future__ import annotations

import pytest

from listening.models import Trial
from prompts.models import Prompt
from studies import actions, design, validation
from studies.evaluated import control_prompts, evaluated_prompts, main_prompts
from tests import factories
from tests.studies import driver

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    prompts = factories.prompt_set(test=3)
    Prompt.objects.bulk_create(
        Prompt(prompt_set=prompts, position=90 + i, kind="expert", split="test", text=f"A slow piano, number {i}")
        for i in range(5)
    )
    return factories.study(prompt_set=prompts, arms=("original", "instruct", "best_of_n"), control_prompts=2)


def test_the_seed_draws_which_ones(study):
    drawn = list(control_prompts(study))
    assert len(drawn) == 2 and {prompt.kind for prompt in drawn} == {"expert"}
    assert set(evaluated_prompts(study)) == {*main_prompts(study), *drawn}
    draws = set()
    for seed in range(8):
        study.seed = seed
        draws.add(tuple(control_prompts(study).values_list("pk", flat=True)))
    assert len(draws) > 1


def test_they_go_the_whole_way_and_are_not_heard(study):
    promised = design.of_study(study).prompts
    study = actions.launch(study=study, by=None)
    driver.drive(study)
    study.refresh_from_db()

    assert study.status == "complete" and promised == 5
    for arm in study.arms.all():
        evaluated = arm.candidates.filter(purpose="evaluate")
        assert evaluated.count() == 5
        assert not evaluated.filter(renderings__clip__scores__isnull=True).exists()
    heard = Trial.objects.filter(study=study, kind="study").values_list("prompt__kind", flat=True)
    assert set(heard) == {"open"}


def test_asking_for_more_than_there_are_is_said_and_takes_all(study):
    study.control_prompts = 6
    assert validation.faults(study) == {} and control_prompts(study).count() == 5
    assert "has 5 expert prompts in its test split" in validation.warnings(study)["control_prompts"][0]


def test_expert_prompts_need_no_control(study):
    study.control_prompts, study.evaluation_kind = 2, "expert"
    assert "its own control" in validation.faults(study)["control_prompts"][0]
