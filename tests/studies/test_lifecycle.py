"""Launch, pause, resume, cancel, retry, and what failures do."""

import pytest

from studies import actions
from studies.errors import StudyError
from studies.models import Arm, Checkpoint, Clip, Rewrite, Score, Study
from tests import factories
from tests.studies import driver

pytestmark = pytest.mark.django_db


def launched(**fields):
    return actions.launch(study=factories.study(**fields), by=None)


def test_a_paused_study_is_not_served_and_resumes_where_it_was():
    study = launched()
    actions.pause(study=study, by=None)
    assert actions.claim(worker="w") is None
    actions.resume(study=study, by=None)
    assert driver.drive(study).status == Study.Status.COMPLETE


def test_a_batch_under_way_is_recorded_after_a_pause():
    study = launched(arms=("instruct",))
    batch = actions.claim(worker="w")
    actions.pause(study=study, by=None)
    assert driver.serve(batch) == 4
    assert Rewrite.objects.filter(state="done").count() == 4
    assert Clip.objects.filter(state="waiting").count() == 16


def test_a_cancelled_study_keeps_what_it_made_and_asks_for_nothing_more():
    study = launched(arms=("instruct",))
    driver.serve(actions.claim(worker="w"))
    actions.cancel(study=study, by=None)
    assert actions.claim(worker="w") is None
    assert Rewrite.objects.filter(state="done").count() == 4


@pytest.mark.parametrize(
    ("action", "status"),
    [("launch", "running"), ("pause", "draft"), ("resume", "running"), ("cancel", "draft"), ("retry_failed", "draft")],
)
def test_an_action_out_of_order_is_refused_by_name(action, status):
    study = factories.study()
    if status == "running":
        actions.launch(study=study, by=None)
    with pytest.raises(StudyError) as refused:
        getattr(actions, action)(study=study, by=None)
    assert "status" in refused.value.messages


def test_a_failing_item_costs_only_itself():
    study = driver.drive(launched(), fail=lambda kind, row: "silent" if kind == "clip" and row.pk % 16 == 0 else "")
    assert study.status == Study.Status.COMPLETE
    failed = Clip.objects.filter(state="failed")
    assert failed.exists()
    assert set(failed.values_list("error", flat=True)) == {"silent"}
    assert not any(clip.scores.exists() for clip in failed)


def test_too_many_failures_pause_the_study_with_the_reason():
    study = driver.drive(launched(), fail=lambda kind, row: "NaN" if kind == "clip" else "")
    assert study.status == Study.Status.PAUSED
    assert "clip rows failed" in study.status_reason


def test_retried_rows_wait_again_and_the_study_completes():
    study = driver.drive(launched(), fail=lambda kind, row: "NaN" if kind == "clip" else "")
    failed = Clip.objects.filter(state="failed").count()
    assert actions.retry_failed(study=study, by=None) == failed > 0
    assert not Clip.objects.filter(state="failed").exists()
    assert driver.drive(study).status == Study.Status.COMPLETE
    assert not Clip.objects.filter(state="failed").exists()


def test_a_study_is_complete_only_when_all_its_retried_rows_are_settled(settings):
    study = driver.drive(launched(), fail=lambda kind, row: "NaN" if kind == "clip" else "")
    settings.BATCH_SIZES = dict.fromkeys(settings.BATCH_SIZES, 1)
    actions.retry_failed(study=study, by=None)
    assert driver.drive(study).status == Study.Status.COMPLETE
    assert not Clip.objects.exclude(state="done").exists()
    assert not Score.objects.exclude(state="done").exists() and Score.objects.exists()


def test_resuming_accepts_the_failures_there_are():
    study = driver.drive(launched(), fail=lambda kind, row: "NaN" if kind == "clip" else "")
    failed = Clip.objects.filter(state="failed").count()
    actions.resume(study=study, by=None)
    study = driver.drive(study)
    assert study.status == Study.Status.COMPLETE
    assert Clip.objects.filter(state="failed").count() == failed


def test_a_failed_training_pauses_the_study_and_retrying_it_goes_on():
    study = factories.study(arms=("original", "instruct_feedback"))
    study.arms.filter(key="instruct_feedback").update(parameters={"training_prompts": 3, "candidates": 4})
    study = actions.launch(study=study, by=None)
    study = driver.drive(study, fail=lambda kind, row: "loss is NaN" if kind == "training" else "")
    assert study.status == Study.Status.PAUSED
    assert "fine-tuning failed" in study.status_reason
    actions.retry_failed(study=study, by=None)
    assert driver.drive(study).status == Study.Status.COMPLETE
    assert Checkpoint.objects.get().state == "done"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda s: s.arms.all().delete(), "arms"),
        (lambda s: s.arms.filter(key="instruct").update(parameters={"k": 3}), "arms.instruct.parameters"),
        (lambda s: s.prompt_set.prompts.filter(split="test").delete(), "prompt_set"),
        (lambda s: Study.objects.update(generator=s.feedback_scorer), "generator"),
        (lambda s: Study.objects.update(listening_pairs=[["instruct", "nobody"]]), "listening_pairs"),
        (lambda s: s.arms.filter(key="instruct").update(rewriter=s.generator), "arms.instruct.rewriter"),
    ],
)
def test_a_faulty_study_is_refused_at_launch_with_the_fields_name(change, field):
    study = factories.study()
    change(study)
    with pytest.raises(StudyError) as refused:
        actions.launch(study=study, by=None)
    assert field in refused.value.messages
    study.refresh_from_db()
    assert study.status == Study.Status.DRAFT
    assert not Rewrite.objects.exists()


def test_more_training_prompts_than_the_split_has_are_refused():
    study = factories.study(arms=("original", "instruct_feedback"))
    Arm.objects.filter(key="instruct_feedback").update(parameters={"training_prompts": 50})
    with pytest.raises(StudyError, match="50 asked, but the train split has 3"):
        actions.launch(study=study, by=None)


def test_the_same_scorer_twice_is_warned_of():
    from studies.validation import warnings

    study = factories.study()
    assert "evaluation_scorer" not in warnings(study)
    study.evaluation_scorer = study.feedback_scorer
    assert "evaluation_scorer" in warnings(study)
