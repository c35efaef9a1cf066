"""What a study will take, told before it is launched."""

import pytest

from studies import actions, cost
from studies.models import Rewrite
from studies.progress import progress
from tests import factories

pytestmark = pytest.mark.django_db
ALL = ("original", "instruct", "instruct_icl", "instruct_feedback", "best_of_n")


@pytest.fixture
def study():
    made = factories.study(arms=ALL, evaluation_takes=2, feedback_takes=2, listening_prompts=20, votes_per_trial=3)
    made.arms.filter(key="instruct_feedback").update(parameters={"training_prompts": 3, "candidates": 4})
    made.arms.filter(key="best_of_n").update(parameters={"n": 3})
    return made


def test_each_arm_is_counted_by_its_method(study):
    by_arm = {each.method: each for each in cost.of_study(study).arms}

    # Four prompts, two takes: eight clips to judge each arm. Feedback ranks 3 × 4 candidates of two takes beside.
    assert by_arm["original"].amount.clips == by_arm["instruct"].amount.clips == 4 * 2
    assert by_arm["instruct_feedback"].amount.clips == 4 * 2 + 3 * 4 * 2
    assert by_arm["best_of_n"].amount.clips == 4 * 2 + 4 * 3 * 2
    assert by_arm["best_of_n"].clips_a_prompt == 8
    assert by_arm["original"].amount.rewrites == 0


def test_what_is_told_before_is_what_the_launched_study_counts(study):
    told = cost.of_study(study).total
    study = actions.launch(study=study, by=None)

    steps = {step.kind: step.total for step in progress(study)}
    # Equal rows of several arms are one as soon as they are known: the real number is never greater.
    assert told.trainings == steps["training"]
    assert steps["clip"] <= told.clips
    assert steps["rewrite"] <= told.rewrites


def test_votes_and_pay_follow_from_the_pairs(study):
    study.listening_pairs = [["instruct", "original"], ["best_of_n", "original"]]
    found = cost.of_study(study)

    assert found.votes == 2 * 4 * 3  # four test prompts are all there are
    assert found.sessions == 3
    assert found.rater_seconds == found.votes * (2 * study.seconds + cost.SECONDS_A_VOTE)
    assert found.money == pytest.approx(found.rater_seconds / 3600 * 12)


def test_an_engine_that_never_ran_has_no_time(study):
    found = cost.of_study(study)

    assert set(found.unmeasured) == {"rewrite", "clip", "score", "training"}
    assert found.minutes == 0


def test_engine_time_is_by_what_the_same_engine_took_per_row_and_second_of_audio(study):
    for seed in range(3):
        clip = factories.finished_clip(study.generator, "tone", seed, seconds=1.0)
        clip.seconds, clip.worker = 0.5, "here"
        clip.save()
    study.seconds = 3.0

    found = cost.of_study(study)

    assert found.seconds["clip"] == pytest.approx(found.total.clips * 1.5)
    assert "clip" not in found.unmeasured


def test_another_engines_rate_says_nothing(study):
    other = factories.engine("rewriter", "transformers-causal", checkpoint="sandbox:rewriter-gpt2")
    Rewrite.objects.create(identity="x", rewriter=other, source="a", text="b", state="done", seconds=9, worker="w")

    assert "rewrite" in cost.of_study(study).unmeasured
